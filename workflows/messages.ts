/** Every signal and query. Importable by clients: nothing here runs in a workflow by itself. */
import { defineSignal } from '@temporalio/workflow';

/** "Something of yours changed: read your rows." Carries nothing, so it may be joined, repeated, early or late. */
export const changed = defineSignal('changed');
