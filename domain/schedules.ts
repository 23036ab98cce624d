/** Rounds that repeat: what a schedule's runs are made of. */
import type { NewAccount } from './accounts';
import type { FormName } from './forms';
import type { ModelFacts } from './models';
import type { FrozenSpec, RunSettings } from './spec';
import type { Purpose } from './states';

/** A checked spec without its prompts, which are stored as a set. */
export interface SavedPlan {
  frozen: Omit<FrozenSpec, 'prompts' | 'form'>;
  /** The manual and the table by revision, as `name@1`. */
  judged: { form: FormName | null; manual: string | null; capability: string | null };
  settings: RunSettings;
  accounts: NewAccount[];
  models: ModelFacts[];
  draw: Pick<FrozenSpec['prompts'], 'share' | 'strata'> & { sample: number | null };
  purpose: Purpose;
  deadlineMs: number;
}
