/** The queue and what people gave: slots, places, members, assignments, labels. */
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
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Answers, FormName } from '../../domain/forms';
import type { AssignmentId, ItemId, LabelId, ManualHash, PersonId, PromptId, RoundId } from '../../domain/ids';
import { ASSIGNMENT_STATES, type AssignmentState, SKIP_CODES, type SkipCode } from '../../domain/states';
import { ctext, moment, now, oneOf } from './columns';
import { labellers } from './people';
import { items, rounds } from './rounds';
import { texts } from './texts';

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
    /** When the labeller's screen first showed it, as it said then. */
    viewedAt: moment('viewed_at'),
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
    index('assignments_live').on(t.roundId, t.labellerId).where(sql`state = 'leased'`),
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
    /** The round's: no reference of its own, which would have every label lock the one row of the manual. */
    manualRevision: ctext('manual_revision').$type<ManualHash>(),
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
    index('labels_unsure').on(t.roundId, t.itemId).where(sql`unsure and withdrawn_at is null`),
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
