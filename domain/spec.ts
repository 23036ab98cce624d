/**
 * A round's settings as the program uses them, after the operator's file is read and checked. What is measured is frozen
 * and hashed at the start; how it is run may be adjusted while it runs.
 */
import type { FormName } from './forms';
import type { AccountId } from './ids';
import type { ResolvingRule } from './resolving';
import type { GuaranteeClaim } from './results';
import type { Purpose } from './states';

/** A model under evaluation and how it is asked. */
export interface FrozenModel {
  id: string;
  /** What the endpoint calls it. */
  apiModel: string;
  accountId: AccountId;
  system: string | null;
  temperature: number | null;
  topP: number | null;
  maxTokens: number | null;
  seed: number | null;
  /** What capability tables know models by, as the spec says it. */
  family: string | null;
  parameters: number | null;
  regime: string | null;
}

export interface FrozenSpec {
  name: string;
  prompts: { setHash: string; sample: number; of: number; purpose: Purpose };
  models: FrozenModel[];
  form: FormName;
  resolving: ResolvingRule;
  onePerPrompt: boolean;
  /** Of the two-sided intervals. */
  confidence: number;
  guarantee: GuaranteeClaim | null;
}

/** How the round is run: adjustable, never part of the hash. Durations in milliseconds. */
export interface RunSettings {
  /** Labellers of any of these groups may take part; empty: all. */
  groups: string[];
  leaseMs: number;
  /** Paid calls per item that may fail before the item does. */
  maxTries: number;
  callTimeoutMs: number;
  /** Wait before a failed call is tried again, doubled with each try up to a minute. */
  retryDelayMs: number;
  shardSize: number;
  chunkSize: number;
  timings: Timings;
}

/** What a workflow must know beside its ids. Stored with the round, so that every run of a workflow gets the same. */
export interface Timings {
  /** Shards that may be generating at once. */
  window: number;
  /** How often a workflow looks at its rows though nobody nudged it. */
  sweepMs: number;
  /** A worker that falls silent for this long has its chunk taken over. */
  heartbeatMs: number;
  /** The longest that one chunk of calls may take. */
  chunkTimeoutMs: number;
  /** Events after which a workflow continues as new, if the server does not ask for it before. */
  historyEvents: number;
  /** The longest pause between tries of a database activity. */
  retryCapMs: number;
}
