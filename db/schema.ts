/**
 * Every table. The constraints here are the last line of defence: what must not be is refused by the database, whatever
 * the program above does. The one trigger (labels are never edited) stands in the migrations.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Answers, FormName } from '../domain/forms';
import type { AccountId, AssignmentId, ItemId, LabelId, PersonId, PromptId, RoundId } from '../domain/ids';
import { OUTCOMES, type Outcome, type RoundResult } from '../domain/results';
import type { FrozenSpec, RunSettings } from '../domain/spec';
import {
  ASSIGNMENT_STATES,
  type AssignmentState,
  CALL_OUTCOMES,
  type CallOutcome,
  ITEM_STATES,
  type ItemState,
  LABELLER_KINDS,
  type LabellerKind,
  PROMPT_SET_KINDS,
  type PromptSetKind,
  PURPOSES,
  type Purpose,
  ROLES,
  ROUND_STATUSES,
  type Role,
  type RoundStatus,
  SHARD_STATES,
  type ShardState,
  SKIP_CODES,
  type SkipCode,
} from '../domain/states';

/** Text ordered by bytes, so that every ordering is the same on every machine. */
const ctext = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const now = (name: string) => moment(name).notNull().defaultNow();
const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map((v) => `'${v}'`).join(', ')})`);

// ---------------------------------------------------------------------------------------------------------- texts

/** Everything that people or models wrote, once, by content hash (sha256 of the well-formed text, in hex). */
export const texts = pgTable('texts', {
  hash: ctext('hash').primaryKey(),
  body: text('body').notNull(),
  createdAt: now('created_at'),
});

// --------------------------------------------------------------------------------------------------------- people

export const people = pgTable('people', {
  id: ctext('id').$type<PersonId>().primaryKey(),
  name: text('name').notNull().unique(),
  createdAt: now('created_at'),
  removedAt: moment('removed_at'),
});

export const personRoles = pgTable(
  'person_roles',
  {
    personId: ctext('person_id')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    role: text('role').$type<Role>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.role] }), check('person_roles_role', oneOf('role', ROLES))],
);

/** Bearer tokens: only the hash is kept, so a leaked database signs nobody in. */
export const tokens = pgTable(
  'tokens',
  {
    hash: ctext('hash').primaryKey(),
    personId: ctext('person_id')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: now('created_at'),
    revokedAt: moment('revoked_at'),
  },
  (t) => [index('tokens_person').on(t.personId)],
);

export const labellers = pgTable(
  'labellers',
  {
    id: ctext('id')
      .$type<PersonId>()
      .primaryKey()
      .references(() => people.id),
    kind: text('kind').$type<LabellerKind>().notNull(),
    groups: text('groups').array().notNull().default([]),
    /** Requirements this labeller meets, such as `lang:de`. An item is served to those who hold all of its own. */
    holds: text('holds').array().notNull().default([]),
  },
  () => [check('labellers_kind', oneOf('kind', LABELLER_KINDS))],
);

/** Who did what, with the refusals. Never holds prompts, completions or notes. */
export const audit = pgTable(
  'audit',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    at: now('at'),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    roundId: ctext('round_id').$type<RoundId>(),
    refused: boolean('refused').notNull().default(false),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index('audit_round').on(t.roundId, t.id)],
);

// -------------------------------------------------------------------------------------------------------- prompts

export const promptSets = pgTable(
  'prompt_sets',
  {
    /** Hash of the set's prompts: the same file imported twice is one set. */
    hash: ctext('hash').primaryKey(),
    name: text('name').notNull(),
    kind: text('kind').$type<PromptSetKind>().notNull().default('fixed'),
    size: integer('size').notNull(),
    createdAt: now('created_at'),
  },
  () => [check('prompt_sets_kind', oneOf('kind', PROMPT_SET_KINDS))],
);

export const prompts = pgTable(
  'prompts',
  {
    id: uuid('id').$type<PromptId>().primaryKey(),
    setHash: ctext('set_hash')
      .notNull()
      .references(() => promptSets.hash),
    /** The id that the file gave, or its line number. */
    externalId: ctext('external_id').notNull(),
    position: integer('position').notNull(),
    /** A `develop` prompt may be looked at while the manual is written; a `measure` prompt only ever measures. */
    purpose: text('purpose').$type<Purpose>().notNull(),
    /** Canonical JSON of the chat messages, in `texts`. */
    messagesHash: ctext('messages_hash')
      .notNull()
      .references(() => texts.hash),
    requirements: text('requirements').array().notNull().default([]),
  },
  (t) => [unique('prompts_external').on(t.setHash, t.externalId), check('prompts_purpose', oneOf('purpose', PURPOSES))],
);

// ---------------------------------------------------------------------------------------------- models and accounts

/** A provider account: an endpoint and the name of the variable that holds its key. The key itself is never stored. */
export const accounts = pgTable(
  'accounts',
  {
    id: ctext('id').$type<AccountId>().primaryKey(),
    baseUrl: text('base_url').notNull(),
    keyVariable: text('key_variable').notNull(),
    concurrency: integer('concurrency').notNull(),
    simulated: boolean('simulated').notNull().default(false),
    /** No call before this moment: the last Retry-After. */
    notBefore: moment('not_before'),
    /** Set when the provider refuses the account itself; no calls until it is cleared. */
    blockedCode: text('blocked_code'),
    blockedAt: moment('blocked_at'),
  },
  (t) => [
    unique('accounts_endpoint').on(t.baseUrl, t.keyVariable),
    check('accounts_concurrency', sql`concurrency > 0`),
  ],
);

/** What is known of a model whatever the round: filled from specs, newest wins. */
export const models = pgTable('models', {
  id: ctext('id').primaryKey(),
  family: text('family'),
  parameters: doublePrecision('parameters'),
  trainingCompute: doublePrecision('training_compute'),
  regime: text('regime'),
  releasedOn: text('released_on'),
});

// --------------------------------------------------------------------------------------------------------- rounds

export const rounds = pgTable(
  'rounds',
  {
    id: ctext('id').$type<RoundId>().primaryKey(),
    name: text('name').notNull(),
    status: text('status').$type<RoundStatus>().notNull().default('opening'),
    /** Why a round failed, or what needs a person. Codes and short sentences, never texts of the round. */
    statusReason: text('status_reason'),
    needsAttention: text('needs_attention'),
    pausedAt: moment('paused_at'),
    /** What is measured: frozen. */
    spec: jsonb('spec').$type<FrozenSpec>().notNull(),
    /** How it is run: adjustable. */
    settings: jsonb('settings').$type<RunSettings>().notNull(),
    specHash: ctext('spec_hash').notNull(),
    seed: text('seed').notNull(),
    form: text('form').$type<FormName>().notNull(),
    manualRevision: text('manual_revision'),
    capabilityTable: text('capability_table'),
    promptSetHash: ctext('prompt_set_hash')
      .notNull()
      .references(() => promptSets.hash),
    startedBy: ctext('started_by')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    /** The client's key for an idempotent start. */
    startKey: ctext('start_key').unique(),
    createdAt: now('created_at'),
    openedAt: moment('opened_at'),
    deadlineAt: moment('deadline_at').notNull(),
    endedAt: moment('ended_at'),
    measurementId: bigint('measurement_id', { mode: 'number' }),
  },
  (t) => [check('rounds_status', oneOf('status', ROUND_STATUSES)), index('rounds_created').on(t.createdAt)],
);

/** The round's counter of queue places: locked last and held to commit, so that places appear in order. */
export const roundCounters = pgTable('round_counters', {
  roundId: ctext('round_id')
    .$type<RoundId>()
    .primaryKey()
    .references(() => rounds.id),
  lastPlace: bigint('last_place', { mode: 'number' }).notNull().default(0),
});

export const shards = pgTable(
  'shards',
  {
    roundId: ctext('round_id')
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    shard: integer('shard').notNull(),
    state: text('state').$type<ShardState>().notNull().default('waiting'),
    openedAt: moment('opened_at'),
    doneAt: moment('done_at'),
    /** When its workflow was last looked for, and how often it had to be woken. */
    checkedAt: moment('checked_at'),
    wakes: integer('wakes').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.roundId, t.shard] }), check('shards_state', oneOf('state', SHARD_STATES))],
);

export const items = pgTable(
  'items',
  {
    /** Derived from its key (round, prompt, model, variant, k): sampling twice makes the same items. */
    id: uuid('id').$type<ItemId>().primaryKey(),
    roundId: ctext('round_id')
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    promptId: uuid('prompt_id')
      .$type<PromptId>()
      .notNull()
      .references(() => prompts.id),
    modelId: ctext('model_id')
      .notNull()
      .references(() => models.id),
    variant: ctext('variant').notNull(),
    k: integer('k').notNull(),
    accountId: ctext('account_id')
      .$type<AccountId>()
      .notNull()
      .references(() => accounts.id),
    shard: integer('shard').notNull(),
    /** Order within the round after the seeded shuffle. */
    position: integer('position').notNull(),
    requirements: text('requirements').array().notNull().default([]),
    state: text('state').$type<ItemState>().notNull().default('pending'),
    failCode: text('fail_code'),
    /** Canonical JSON of the assistant's message, in `texts`. */
    completionHash: ctext('completion_hash').references(() => texts.hash),
    openedAt: moment('opened_at'),
    /** Somebody acted on it since it was last resolved. */
    touched: boolean('touched').notNull().default(false),
  },
  (t) => [
    unique('items_key').on(t.roundId, t.promptId, t.modelId, t.variant, t.k),
    unique('items_position').on(t.roundId, t.position),
    foreignKey({ columns: [t.roundId, t.shard], foreignColumns: [shards.roundId, shards.shard] }),
    index('items_shard').on(t.roundId, t.shard, t.position),
    index('items_touched').on(t.roundId, t.shard, t.id).where(sql`touched`),
    check('items_state', oneOf('state', ITEM_STATES)),
    check('items_completion', sql`completion_hash is not null or state in ('pending', 'failed', 'unresolved')`),
    check('items_failure', sql`(state = 'failed') = (fail_code is not null)`),
  ],
);

/** An item's slots in an arm. `taken` counts its assignments in state leased or submitted. */
export const itemArms = pgTable(
  'item_arms',
  {
    itemId: uuid('item_id')
      .$type<ItemId>()
      .notNull()
      .references(() => items.id),
    arm: ctext('arm').notNull(),
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    slots: integer('slots').notNull(),
    taken: integer('taken').notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.itemId, t.arm] }),
    check('item_arms_taken', sql`taken between 0 and slots`),
    index('item_arms_free').on(t.roundId, t.arm, t.itemId).where(sql`taken < slots`),
  ],
);

/** The round's queue. An item gets a place when it opens, and again whenever one of its slots is freed or added. */
export const places = pgTable(
  'places',
  {
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    arm: ctext('arm').notNull(),
    place: bigint('place', { mode: 'number' }).notNull(),
    itemId: uuid('item_id').$type<ItemId>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.roundId, t.arm, t.place] }),
    foreignKey({ columns: [t.itemId, t.arm], foreignColumns: [itemArms.itemId, itemArms.arm] }),
  ],
);

/** A labeller in a round: the row that `next` locks, with how far down the queue this labeller is done. */
export const members = pgTable(
  'members',
  {
    roundId: ctext('round_id')
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    labellerId: ctext('labeller_id')
      .$type<PersonId>()
      .notNull()
      .references(() => labellers.id),
    arm: ctext('arm').notNull(),
    cursor: bigint('cursor', { mode: 'number' }).notNull().default(0),
    joinedAt: now('joined_at'),
  },
  (t) => [primaryKey({ columns: [t.roundId, t.labellerId] }), unique('members_arm').on(t.roundId, t.labellerId, t.arm)],
);

export const assignments = pgTable(
  'assignments',
  {
    /** Random: the only name of an item that a labeller sees. */
    id: uuid('id').$type<AssignmentId>().primaryKey().defaultRandom(),
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    itemId: uuid('item_id').$type<ItemId>().notNull(),
    promptId: uuid('prompt_id').$type<PromptId>().notNull(),
    arm: ctext('arm').notNull(),
    labellerId: ctext('labeller_id').$type<PersonId>().notNull(),
    state: text('state').$type<AssignmentState>().notNull().default('leased'),
    onePerPrompt: boolean('one_per_prompt').notNull(),
    leasedAt: now('leased_at'),
    expiresAt: moment('expires_at').notNull(),
    endedAt: moment('ended_at'),
    skipCode: text('skip_code').$type<SkipCode>(),
  },
  (t) => [
    foreignKey({
      columns: [t.roundId, t.labellerId, t.arm],
      foreignColumns: [members.roundId, members.labellerId, members.arm],
    }),
    foreignKey({ columns: [t.itemId, t.arm], foreignColumns: [itemArms.itemId, itemArms.arm] }),
    check('assignments_state', oneOf('state', ASSIGNMENT_STATES)),
    check('assignments_skip', sql`(state = 'skipped') = (skip_code is not null)`),
    check('assignments_skip_code', oneOf('skip_code', SKIP_CODES)),
    uniqueIndex('assignments_once').on(t.itemId, t.arm, t.labellerId).where(sql`state in ('leased', 'submitted')`),
    uniqueIndex('assignments_one_per_prompt')
      .on(t.roundId, t.labellerId, t.promptId)
      .where(sql`one_per_prompt and state in ('leased', 'submitted')`),
    index('assignments_labeller').on(t.roundId, t.labellerId, t.promptId),
    index('assignments_item').on(t.itemId),
    index('assignments_leased').on(t.expiresAt).where(sql`state = 'leased'`),
  ],
);

/** A labeller's answers. Never edited: the trigger lets one update through, the one that withdraws. */
export const labels = pgTable(
  'labels',
  {
    id: uuid('id').$type<LabelId>().primaryKey().defaultRandom(),
    assignmentId: uuid('assignment_id')
      .$type<AssignmentId>()
      .notNull()
      .references(() => assignments.id),
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    itemId: uuid('item_id').$type<ItemId>().notNull(),
    arm: ctext('arm').notNull(),
    labellerId: ctext('labeller_id').$type<PersonId>().notNull(),
    form: text('form').$type<FormName>().notNull(),
    manualRevision: text('manual_revision'),
    answers: jsonb('answers').$type<Answers>().notNull(),
    unsure: boolean('unsure').notNull().default(false),
    noteHash: ctext('note_hash').references(() => texts.hash),
    /** The caller's key and the hash of what it sent: a repeat gets the same answer, another body is refused. */
    idempotencyKey: ctext('idempotency_key').notNull(),
    requestHash: ctext('request_hash').notNull(),
    submittedAt: now('submitted_at'),
    withdrawnAt: moment('withdrawn_at'),
    withdrawnBy: ctext('withdrawn_by'),
    withdrawnWhy: text('withdrawn_why'),
  },
  (t) => [
    foreignKey({ columns: [t.itemId, t.arm], foreignColumns: [itemArms.itemId, itemArms.arm] }),
    uniqueIndex('labels_counted').on(t.itemId, t.arm, t.labellerId).where(sql`withdrawn_at is null`),
    uniqueIndex('labels_one_per_assignment').on(t.assignmentId).where(sql`withdrawn_at is null`),
    uniqueIndex('labels_idempotency').on(t.labellerId, t.idempotencyKey),
    index('labels_round').on(t.roundId, t.submittedAt),
    check('labels_withdrawal', sql`num_nulls(withdrawn_at, withdrawn_by, withdrawn_why) in (0, 3)`),
  ],
);

/** A label that came too late: refused, but what the labeller wrote is kept. */
export const refusedLabels = pgTable(
  'refused_labels',
  {
    labellerId: ctext('labeller_id').$type<PersonId>().notNull(),
    idempotencyKey: ctext('idempotency_key').notNull(),
    requestHash: ctext('request_hash').notNull(),
    assignmentId: uuid('assignment_id')
      .$type<AssignmentId>()
      .notNull()
      .references(() => assignments.id),
    answers: jsonb('answers').$type<Answers>().notNull(),
    unsure: boolean('unsure').notNull(),
    noteHash: ctext('note_hash').references(() => texts.hash),
    reason: text('reason').notNull(),
    at: now('at'),
  },
  (t) => [primaryKey({ columns: [t.labellerId, t.idempotencyKey] })],
);

// ----------------------------------------------------------------------------------------------------- generation

/**
 * One row per paid call, committed before it is made. `claim_until` keeps others away while it may still answer; tries,
 * spending and calls in flight are counts over this table.
 */
export const generationCalls = pgTable(
  'generation_calls',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    itemId: uuid('item_id')
      .$type<ItemId>()
      .notNull()
      .references(() => items.id),
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    accountId: ctext('account_id').$type<AccountId>().notNull(),
    try: integer('try').notNull(),
    claimedAt: now('claimed_at'),
    claimUntil: moment('claim_until').notNull(),
    endedAt: moment('ended_at'),
    outcome: text('outcome').$type<CallOutcome>(),
    httpStatus: integer('http_status'),
    errorCode: text('error_code'),
    completionHash: ctext('completion_hash').references(() => texts.hash),
    requestId: text('request_id'),
    returnedModel: text('returned_model'),
    fingerprint: text('fingerprint'),
    finishReason: text('finish_reason'),
    promptTokens: integer('prompt_tokens'),
    completionTokens: integer('completion_tokens'),
  },
  (t) => [
    unique('generation_calls_try').on(t.itemId, t.try),
    uniqueIndex('generation_calls_paid_once').on(t.itemId).where(sql`outcome = 'completed'`),
    index('generation_calls_round').on(t.roundId, t.accountId),
    check('generation_calls_outcome', oneOf('outcome', CALL_OUTCOMES)),
    check('generation_calls_ended', sql`(ended_at is null) = (outcome is null)`),
    check(
      'generation_calls_completed',
      sql`(outcome is not distinct from 'completed') = (completion_hash is not null)`,
    ),
  ],
);

// --------------------------------------------------------------------------------------------------------- outbox

/** Messages to workflows, written in the transaction of the act they tell of. The relay delivers and deletes them. */
export const outbox = pgTable(
  'outbox',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    /** Which workflow: a round's own, or one of its shards'. */
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    shard: integer('shard'),
    createdAt: now('created_at'),
    claimedUntil: moment('claimed_until'),
    parkedAt: moment('parked_at'),
    parkedCode: text('parked_code'),
  },
  (t) => [index('outbox_ready').on(t.id).where(sql`parked_at is null`), index('outbox_target').on(t.roundId, t.shard)],
);

// --------------------------------------------------------------------------------------------------- measurements

export const measurements = pgTable(
  'measurements',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    roundId: ctext('round_id')
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    /** Hash of all that went in: states of items, counted labels, rule, form, manual, capability table. */
    inputHash: ctext('input_hash').notNull(),
    result: jsonb('result').$type<RoundResult>().notNull(),
    createdAt: now('created_at'),
  },
  (t) => [unique('measurements_once').on(t.roundId, t.inputHash)],
);

export const measurementItems = pgTable(
  'measurement_items',
  {
    measurementId: bigint('measurement_id', { mode: 'number' })
      .notNull()
      .references(() => measurements.id),
    itemId: uuid('item_id')
      .$type<ItemId>()
      .notNull()
      .references(() => items.id),
    verdict: text('verdict').$type<Outcome>().notNull(),
    reason: text('reason'),
  },
  (t) => [
    primaryKey({ columns: [t.measurementId, t.itemId] }),
    check('measurement_items_verdict', oneOf('verdict', OUTCOMES)),
  ],
);
