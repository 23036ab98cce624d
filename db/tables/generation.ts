/** Paid calls, and what they gave before an item's last turn. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  check,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { AccountId, ItemId, RoundId } from '../../domain/ids';
import { CALL_OUTCOMES, type CallOutcome } from '../../domain/states';
import { ctext, moment, now, oneOf } from './columns';
import { items } from './rounds';
import { texts } from './texts';

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
    /** Of the prompt, from 0: one for each time that the model speaks. */
    turn: integer('turn').notNull().default(0),
    /** The how-manyth call of the item, over all turns. */
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
    /** The most that it could cost, in the round's currency and in tokens, fixed before the call. */
    reservedMoney: numeric('reserved_money', { precision: 20, scale: 9, mode: 'number' }).notNull().default(0),
    reservedTokens: integer('reserved_tokens').notNull().default(0),
    /** What it did cost; null until it has ended, and where nobody knows: then what was reserved counts. */
    money: numeric('money', { precision: 20, scale: 9, mode: 'number' }),
    tokens: integer('tokens'),
  },
  (t) => [
    unique('generation_calls_try').on(t.itemId, t.try),
    uniqueIndex('generation_calls_paid_once').on(t.itemId, t.turn).where(sql`outcome = 'completed'`),
    index('generation_calls_round').on(t.roundId, t.accountId),
    check('generation_calls_outcome', oneOf('outcome', CALL_OUTCOMES)),
    check('generation_calls_ended', sql`(ended_at is null) = (outcome is null)`),
    check(
      'generation_calls_completed',
      sql`coalesce(outcome in ('completed', 'surplus'), false) = (completion_hash is not null)`,
    ),
  ],
);

/** A round's model as its calls find it: one that fails everywhere is parked, and tried again with a call now and then. */
export const roundModels = pgTable(
  'round_models',
  {
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    modelId: ctext('model_id').notNull(),
    /** Calls that failed the same way, one after the other, without an answer in between. */
    failures: integer('failures').notNull().default(0),
    failureCode: text('failure_code'),
    parkedAt: moment('parked_at'),
    /** When one call may try it again. */
    retryAt: moment('retry_at'),
  },
  (t) => [primaryKey({ columns: [t.roundId, t.modelId] })],
);

/**
 * What a round has spent: the sums, over its calls, of what they cost or, while nobody knows, of what they reserved. Kept
 * beside the calls, in their transactions, so that no call is begun that a budget forbids.
 */
export const roundSpending = pgTable('round_spending', {
  roundId: ctext('round_id').$type<RoundId>().primaryKey(),
  money: numeric('money', { precision: 20, scale: 9, mode: 'number' }).notNull().default(0),
  tokens: bigint('tokens', { mode: 'number' }).notNull().default(0),
});

/** What the model said before an item's last turn, once for all: the turns after it build on it. The last is the item's. */
export const itemTurns = pgTable(
  'item_turns',
  {
    itemId: uuid('item_id')
      .$type<ItemId>()
      .notNull()
      .references(() => items.id),
    turn: integer('turn').notNull(),
    /** Canonical JSON of the assistant's message, in `texts`. */
    completionHash: ctext('completion_hash')
      .notNull()
      .references(() => texts.hash),
  },
  (t) => [primaryKey({ columns: [t.itemId, t.turn] }), check('item_turns_turn', sql`turn >= 0`)],
);
