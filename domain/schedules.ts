/** Rounds that repeat: what a schedule's runs are made of. */
import type { NewAccount } from './accounts';
import type { FormName } from './forms';
import type { ModelFacts } from './models';
import type { FrozenSpec, RunSettings } from './spec';
import type { Purpose } from './states';
import { hashJson, hashText } from './text';

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
  timing: Timing;
  /** Of the spec's text as it was read, so that a later one can be told from it. */
  textHash: string;
}

export const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'allow-all'] as const;
/** What becomes of a run that is due while the round of another is not over. */
export type Overlap = (typeof OVERLAPS)[number];

/** When rounds are started. Times are whole seconds; durations in milliseconds. */
export interface Timing {
  recurrence: Recurrence;
  /** IANA name: what a cron's hours are of, and how times are shown. */
  timeZone: string;
  /** ISO; null: from the beginning of time. */
  startAt: string | null;
  /** Each run is put off by up to this much. */
  jitterMs: number;
  overlap: Overlap;
  /** A run missed while Temporal was down is made up for if it is no later than this. */
  catchUpMs: number;
  pauseOnFailure: boolean;
}

/** A cron as it was written, or every so many milliseconds, counted from a moment (ISO). */
export type Recurrence = { cron: string } | { everyMs: number; from: string };

/** What tells schedules of one name apart; the moment that an interval is counted from is not typed and does not count. */
export function editionOf(plan: SavedPlan, promptSetHash: string, seed: string): string {
  const { recurrence, startAt } = plan.timing;
  const written = 'everyMs' in recurrence && startAt === null ? { everyMs: recurrence.everyMs } : recurrence;
  const timing = { ...plan.timing, recurrence: written };
  return hashJson({ plan: { ...plan, timing, textHash: null }, promptSetHash, seed });
}

/** The seed of a run: the same moment of the same schedule draws the same. @param moment what names the run. */
export function seedOfRun(seed: string, moment: string): string {
  return String(Number.parseInt(hashText(JSON.stringify([seed, 'schedule', moment])).slice(0, 8), 16));
}
