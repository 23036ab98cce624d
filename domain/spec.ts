/**
 * A round's settings as the program uses them, after the operator's file is read and checked. What is measured is frozen
 * and hashed at the start; how it is run may be adjusted while it runs.
 */
import type { FormName } from './forms';
import type { AccountId } from './ids';
import type { Budget, ModelPrice, Wages } from './money';
import type { ResolvingRule } from './resolving';
import type { GuaranteeClaim } from './results';
import type { Strata } from './sampling';
import type { Purpose } from './states';
import type { Json } from './text';
import type { FrozenVariant } from './variants';

/** A model under evaluation and how it is asked. */
export interface FrozenModel {
  id: string;
  /** What the endpoint calls it. */
  apiModel: string;
  /** null: nothing is generated, its completions come with the prompts. */
  accountId: AccountId | null;
  system: string | null;
  temperature: number | null;
  topP: number | null;
  maxTokens: number | null;
  seed: number | null;
  /** Absent: chat completions. A base model continues a text. */
  api?: 'completions';
  /** Where it ends; absent: where the model ends. */
  stop?: string[];
  /** Fields that this endpoint takes beside the standard ones. */
  body?: { [field: string]: Json };
  /** What capability tables know models by, as the spec says it. */
  family: string | null;
  parameters: number | null;
  regime: string | null;
}

export interface FrozenSpec {
  name: string;
  prompts: {
    setHash: string;
    /** Prompts that are drawn. */
    sample: number;
    of: number;
    purpose: Purpose;
    /** Each prompt is drawn by its own hash, with this chance: a growing set keeps its old draws. */
    share?: number;
    /** The draw is divided over strata. */
    strata?: Strata;
  };
  models: FrozenModel[];
  /** How prompts are put; absent: as they are. */
  variants?: FrozenVariant[];
  /** Completions of each prompt by each model and variant; absent: one. */
  completionsPerPrompt?: number;
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
  /** Names that the spec gave its accounts. */
  accountNames?: Record<AccountId, string>;
  /** ISO 4217. */
  currency?: string;
  /** By model; a model without a price costs nothing that is known. */
  prices?: Record<string, ModelPrice>;
  budget?: Budget;
  wages?: Wages;
  /** Paid calls per item that may fail before the item does. */
  maxTries: number;
  callTimeoutMs: number;
  /** Wait before a failed call is tried again, doubled with each try up to a minute. */
  retryDelayMs: number;
  /** How long a model that fails everywhere is left alone at first; absent in rounds from before it could be said. */
  firstLookMs?: number;
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

/** Items that a round has or will have. */
export function itemsOf(spec: Pick<FrozenSpec, 'prompts' | 'models' | 'variants' | 'completionsPerPrompt'>): number {
  return spec.prompts.sample * spec.models.length * perPromptAndModel(spec);
}

/** Completions of a prompt by a model: variants × repetitions. */
export function perPromptAndModel({
  variants,
  completionsPerPrompt = 1,
}: Pick<FrozenSpec, 'variants' | 'completionsPerPrompt'>): number {
  return (variants?.length ?? 1) * completionsPerPrompt;
}

/** The accounts that its models are called through. */
export function accountsOf({ models }: Pick<FrozenSpec, 'models'>): AccountId[] {
  return [...new Set(models.flatMap(({ accountId }) => (accountId === null ? [] : [accountId])))];
}

/** Called models whose price is not known, where a budget in money counts on it. */
export function unpricedModels({ models }: Pick<FrozenSpec, 'models'>, { budget, prices = {} }: RunSettings): string[] {
  if (!budget || budget.money === null) return [];
  return models.filter(({ id, accountId }) => accountId !== null && prices[id] === undefined).map(({ id }) => id);
}

/** Tokens that a model's answer may have at most, under either of the names that endpoints know; null: nothing limits it. */
export function longestAnswer({ maxTokens, body = {} }: Pick<FrozenModel, 'maxTokens' | 'body'>): number | null {
  const { max_completion_tokens: other } = body;
  return maxTokens ?? (typeof other === 'number' ? other : null);
}
