/** Every signal and query. Importable by clients: nothing here runs in a workflow by itself. */
import { defineSignal } from '@temporalio/workflow';
import type { Answers } from '../domain/forms';
import type { Stage } from '../domain/rulings';

/** "Something of yours changed: read your rows." Carries nothing, so it may be joined, repeated, early or late. */
export const changed = defineSignal('changed');

/** A researcher's ruling, sent to a round by hand. It carries enums and ids only, no note. */
export interface RuleMessage {
  itemId: string;
  researcherId: string;
  /** Under the round's form, as in the API. */
  answers: Answers;
  /** Left out: blind. */
  stage?: Stage;
  /** Another researcher has ruled on it: this one does too, on purpose, and blind. */
  second?: true;
}

/** Whoever may signal a workflow can send anything: what comes is checked when it is recorded, and a refusal is kept. */
export const rule = defineSignal<[RuleMessage]>('rule');
