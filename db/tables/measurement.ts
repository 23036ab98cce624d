/** Measurements and the verdicts of record they rest on. */
import { bigint, bigserial, boolean, check, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { INTENT_CLASSES, type IntentClass } from '../../domain/derivation';
import type { ItemId, ManualHash, RoundId, TableHash } from '../../domain/ids';
import { OUTCOMES, type Outcome, type RoundResult } from '../../domain/results';
import { ctext, now, oneOf } from './columns';
import { capabilityTables, manualRevisions } from './manuals';
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
    /** What it was derived from: all counted answers, the manual revision, the capability table. */
    answersHash: ctext('answers_hash').notNull().default(''),
    manualRevision: ctext('manual_revision')
      .$type<ManualHash>()
      .references(() => manualRevisions.hash),
    capabilityTable: ctext('capability_table')
      .$type<TableHash>()
      .references(() => capabilityTables.hash),
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
    /** Kind of fault, cause, did-well or did-its-best, failure: as the verdict has it. */
    reason: text('reason'),
    /** The clause or capability entry that a misaligned verdict rests on. */
    cites: text('cites'),
    ruled: boolean('ruled').notNull().default(false),
    intent: text('intent').$type<IntentClass>(),
  },
  (t) => [
    primaryKey({ columns: [t.measurementId, t.itemId] }),
    check('measurement_items_verdict', oneOf('verdict', OUTCOMES)),
    check('measurement_items_intent', oneOf('intent', INTENT_CLASSES)),
  ],
);
