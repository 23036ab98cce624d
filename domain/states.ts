/** The closed vocabularies: what a row's state may say. The database holds the same lists as constraints. */
export const ROLES = ['labeller', 'lead', 'researcher', 'operator', 'admin'] as const;
export const LABELLER_KINDS = ['human', 'judge', 'simulated'] as const;
export const PROMPT_SET_KINDS = ['fixed', 'held-out', 'generated', 'logs', 'adversarial', 'tasks'] as const;
export const PURPOSES = ['develop', 'measure'] as const;
export const ROUND_STATUSES = ['opening', 'running', 'measuring', 'done', 'cancelled', 'failed'] as const;
/** waiting: not begun · generating: in the parent's window · labelling: open to people · done: all items are ended. */
export const SHARD_STATES = ['waiting', 'generating', 'labelling', 'done'] as const;
/** pending: no completion yet · generated: has one, not yet served · the rest as in `round show`. */
export const ITEM_STATES = ['pending', 'generated', 'open', 'contested', 'settled', 'failed', 'unresolved'] as const;
export const ASSIGNMENT_STATES = ['leased', 'submitted', 'skipped', 'expired', 'released'] as const;
/**
 * How a paid call ended. completed: its completion is the item's · surplus: it answered, but another came first ·
 * retryable: no answer, may be tried again · rate-limited: refused for now, not counted as a try · refused: the request
 * itself is refused, no more tries · account-refused: key or quota.
 */
export const CALL_OUTCOMES = [
  'completed',
  'surplus',
  'retryable',
  'rate-limited',
  'refused',
  'account-refused',
] as const;
/** Why a labeller cannot judge an item. */
export const SKIP_CODES = [
  'language',
  'beyond-my-knowledge',
  'upsetting',
  'personal-data',
  'broken',
  'possibly-illegal',
] as const;

/** Who is shown what is in quarantine, and may give it back. */
export const QUARANTINE_ROLE = 'admin' satisfies (typeof ROLES)[number];

export type Role = (typeof ROLES)[number];
export type LabellerKind = (typeof LABELLER_KINDS)[number];
export type PromptSetKind = (typeof PROMPT_SET_KINDS)[number];
export type Purpose = (typeof PURPOSES)[number];
export type RoundStatus = (typeof ROUND_STATUSES)[number];
export type ShardState = (typeof SHARD_STATES)[number];
export type ItemState = (typeof ITEM_STATES)[number];
export type AssignmentState = (typeof ASSIGNMENT_STATES)[number];
export type CallOutcome = (typeof CALL_OUTCOMES)[number];
export type SkipCode = (typeof SKIP_CODES)[number];
