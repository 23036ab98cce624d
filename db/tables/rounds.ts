/** Rounds, their shards and their items. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { FormName } from '../../domain/forms';
import type { AccountId, ItemId, ManualHash, PersonId, PromptId, RoundId, TableHash } from '../../domain/ids';
import type { FrozenSpec, RunSettings } from '../../domain/spec';
import {
  ITEM_STATES,
  type ItemState,
  ROUND_STATUSES,
  type RoundStatus,
  SHARD_STATES,
  type ShardState,
} from '../../domain/states';
import { ctext, moment, now, oneOf } from './columns';
import { capabilityTables, manualRevisions } from './manuals';
import { accounts, models } from './models';
import { people } from './people';
import { promptSets, prompts } from './prompts';
import { texts } from './texts';

export const rounds = pgTable(
  'rounds',
  {
    id: ctext('id').$type<RoundId>().primaryKey(),
    name: text('name').notNull(),
    status: text('status').$type<RoundStatus>().notNull().default('opening'),
    /** Why a round failed, or what needs a person. Codes and short sentences, never texts of the round. */
    statusReason: text('status_reason'),
    needsAttention: text('needs_attention'),
    /** Stands still by a person's word: no calls, no leases. */
    pausedAt: moment('paused_at'),
    pausedBy: ctext('paused_by'),
    pausedWhy: text('paused_why'),
    /** Makes no more paid calls, by itself; labelling goes on. Why: a code, such as budget. */
    heldAt: moment('held_at'),
    heldCode: text('held_code'),
    /** The schedule whose run it is. */
    schedule: ctext('schedule'),
    /** What is measured: frozen. */
    spec: jsonb('spec').$type<FrozenSpec>().notNull(),
    /** How it is run: adjustable. */
    settings: jsonb('settings').$type<RunSettings>().notNull(),
    specHash: ctext('spec_hash').notNull(),
    seed: text('seed').notNull(),
    form: text('form').$type<FormName>().notNull(),
    manualRevision: ctext('manual_revision')
      .$type<ManualHash>()
      .references(() => manualRevisions.hash),
    /** The one that holds now: an amendment may have changed it since the start. */
    capabilityTable: ctext('capability_table')
      .$type<TableHash>()
      .references(() => capabilityTables.hash),
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
    /** When its last item was stored; calls and labels of the first ones may come before. */
    drawnAt: moment('drawn_at'),
    deadlineAt: moment('deadline_at').notNull(),
    endedAt: moment('ended_at'),
    measurementId: bigint('measurement_id', { mode: 'number' }),
  },
  (t) => [
    check('rounds_status', oneOf('status', ROUND_STATUSES)),
    index('rounds_created').on(t.createdAt),
    index('rounds_schedule').on(t.schedule).where(sql`schedule is not null`),
  ],
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
    /** When its workflow first looked at it: until then the parent starts it, again if need be. */
    begunAt: moment('begun_at'),
    openedAt: moment('opened_at'),
    doneAt: moment('done_at'),
    /** When its workflow was last looked for, and how often it had to be woken. */
    checkedAt: moment('checked_at'),
    wakes: integer('wakes').notNull().default(0),
    /** Its items without a completion or not opened yet, and those that are open, when its workflow last looked. */
    unopened: integer('unopened').notNull().default(0),
    open: integer('open').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.roundId, t.shard] }), check('shards_state', oneOf('state', SHARD_STATES))],
);

export const items = pgTable(
  'items',
  {
    /** Derived from its key (round, prompt, model, variant, k): sampling twice makes the same items. */
    id: uuid('id').$type<ItemId>().primaryKey(),
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    promptId: uuid('prompt_id')
      .$type<PromptId>()
      .notNull()
      .references(() => prompts.id),
    modelId: ctext('model_id')
      .notNull()
      .references(() => models.id),
    variant: ctext('variant').notNull(),
    k: integer('k').notNull(),
    /** Null where the completion was given with the prompt. */
    accountId: ctext('account_id')
      .$type<AccountId>()
      .references(() => accounts.id),
    shard: integer('shard').notNull(),
    /** Order within the round after the seeded shuffle. */
    position: integer('position').notNull(),
    requirements: text('requirements').array().notNull().default([]),
    state: text('state').$type<ItemState>().notNull().default('pending'),
    failCode: text('fail_code'),
    /** Calls up to this try do not count as tries: the item had failed, and somebody asked for it again. */
    triesFrom: integer('tries_from').notNull().default(0),
    /** Canonical JSON of the assistant's message, in `texts`. */
    completionHash: ctext('completion_hash').references(() => texts.hash),
    openedAt: moment('opened_at'),
    /** Somebody acted on it since it was last resolved. */
    touched: boolean('touched').notNull().default(false),
    /** Possibly illegal: served to nobody, in no export. It ends unresolved. */
    quarantinedAt: moment('quarantined_at'),
    /** Its prompt or completion was erased: served to nobody. */
    redactedAt: moment('redacted_at'),
    /** The completion says which model wrote it, so that who judged it may not have been blind. */
    namesModel: boolean('names_model').notNull().default(false),
  },
  (t) => [
    unique('items_key').on(t.roundId, t.promptId, t.modelId, t.variant, t.k),
    unique('items_position').on(t.roundId, t.position),
    // The shard's round is the item's: a key to `rounds` beside it would be looked up for nothing.
    foreignKey({ columns: [t.roundId, t.shard], foreignColumns: [shards.roundId, shards.shard] }),
    index('items_shard').on(t.roundId, t.shard, t.position),
    index('items_prompt').on(t.promptId),
    index('items_quarantined').on(t.roundId).where(sql`quarantined_at is not null`),
    index('items_touched').on(t.roundId, t.shard, t.id).where(sql`touched`),
    check('items_state', oneOf('state', ITEM_STATES)),
    check('items_completion', sql`completion_hash is not null or state in ('pending', 'failed', 'unresolved')`),
    check('items_failure', sql`(state = 'failed') = (fail_code is not null)`),
  ],
);
