/** What researchers decided: rulings on items, and amendments of what a round measures. */
import { bigserial, check, index, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { Answers, FormName } from '../../domain/forms';
import type { ItemId, ManualHash, PersonId, RoundId, RulingId } from '../../domain/ids';
import { STAGES, type Stage } from '../../domain/rulings';
import { ctext, now, oneOf } from './columns';
import { manualRevisions } from './manuals';
import { people } from './people';
import { items, rounds } from './rounds';
import { texts } from './texts';

/** A researcher's answers on an item. Never edited, never deleted: a second thought is a second stage. */
export const rulings = pgTable(
  'rulings',
  {
    id: uuid('id').$type<RulingId>().primaryKey().defaultRandom(),
    roundId: ctext('round_id')
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    itemId: uuid('item_id')
      .$type<ItemId>()
      .notNull()
      .references(() => items.id),
    researcherId: ctext('researcher_id')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    /** blind: having seen what a labeller sees · informed: having seen the labels too. */
    stage: text('stage').$type<Stage>().notNull(),
    form: text('form').$type<FormName>().notNull(),
    manualRevision: ctext('manual_revision')
      .$type<ManualHash>()
      .references(() => manualRevisions.hash),
    answers: jsonb('answers').$type<Answers>().notNull(),
    /** The researcher's reason, in `texts`; none where it came by signal. */
    whyHash: ctext('why_hash').references(() => texts.hash),
    ruledAt: now('ruled_at'),
  },
  (t) => [
    unique('rulings_once').on(t.itemId, t.researcherId, t.stage),
    index('rulings_round').on(t.roundId),
    check('rulings_stage', oneOf('stage', STAGES)),
  ],
);

/** A change of what is measured after the start: who, why, and the hashes before and after. */
export const amendments = pgTable(
  'amendments',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    roundId: ctext('round_id')
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    at: now('at'),
    by: ctext('by')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    why: text('why').notNull(),
    what: text('what').$type<'capability-table'>().notNull(),
    from: ctext('from'),
    to: ctext('to'),
    /** The spec's hash from then on. */
    specHash: ctext('spec_hash').notNull(),
  },
  (t) => [index('amendments_round').on(t.roundId, t.id), check('amendments_what', oneOf('what', ['capability-table']))],
);
