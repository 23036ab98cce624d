/** Measurements and the verdicts of record they rest on. */
import { bigint, bigserial, check, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { ItemId, RoundId } from '../../domain/ids';
import { OUTCOMES, type Outcome, type RoundResult } from '../../domain/results';
import { ctext, now, oneOf } from './columns';
import { items, rounds } from './rounds';

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
