/** Models under evaluation and the provider accounts that serve them. */
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import type { HeaderValue } from '../../domain/accounts';
import type { AccountId } from '../../domain/ids';
import { ctext, moment } from './columns';

/** A provider account: an endpoint and the name of the variable that holds its key. The key itself is never stored. */
export const accounts = pgTable(
  'accounts',
  {
    id: ctext('id').$type<AccountId>().primaryKey(),
    baseUrl: text('base_url').notNull(),
    keyVariable: text('key_variable').notNull(),
    /** Calls in flight over all workers, at most. */
    concurrency: integer('concurrency').notNull(),
    /** What the last spec asked for: while it asks for the same, what an operator has set since stays. */
    askedConcurrency: integer('asked_concurrency'),
    /** Calls in flight that are allowed now: cut after a 429, slowly grown again; null: all of `concurrency`. */
    permits: integer('permits'),
    cutAt: moment('cut_at'),
    /** Answers since the last change of `permits`. */
    clean: integer('clean').notNull().default(0),
    /** Sent with each call. */
    headers: jsonb('headers').$type<Record<string, HeaderValue>>().notNull().default({}),
    /** The endpoint answers in a stream only. */
    stream: boolean('stream').notNull().default(false),
    simulated: boolean('simulated').notNull().default(false),
    /** No call before this moment: the last Retry-After. */
    notBefore: moment('not_before'),
    /** Since when it has refused for now without an answer in between: the longer, the longer the next wait. */
    heldSince: moment('held_since'),
    /** What it refused with, such as http-429. */
    heldCode: text('held_code'),
    /** Set when the provider refuses the account itself; no calls until it is cleared. */
    blockedCode: text('blocked_code'),
    blockedAt: moment('blocked_at'),
  },
  (t) => [
    unique('accounts_endpoint').on(t.baseUrl, t.keyVariable),
    check('accounts_concurrency', sql`concurrency > 0`),
    check('accounts_permits', sql`permits is null or permits > 0`),
  ],
);

/** An account's permits as workers hold them: each a share, for seconds, and given back or run out. */
export const accountPermits = pgTable(
  'account_permits',
  {
    accountId: ctext('account_id')
      .$type<AccountId>()
      .notNull()
      .references(() => accounts.id),
    workerId: ctext('worker_id').notNull(),
    /** Calls that this worker may have in flight. */
    permits: integer('permits').notNull(),
    /** Calls that it would have in flight if it might. */
    wanted: integer('wanted').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.workerId] }), check('account_permits_permits', sql`permits >= 0`)],
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
