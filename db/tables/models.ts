/** Models under evaluation and the provider accounts that serve them. */
import { sql } from 'drizzle-orm';
import { boolean, check, doublePrecision, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import type { AccountId } from '../../domain/ids';
import { ctext, moment } from './columns';

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
    /** Since when it has refused for now without an answer in between: the longer, the longer the next wait. */
    heldSince: moment('held_since'),
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
