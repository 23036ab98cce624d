/** Saved specs that Temporal Schedules start rounds of. */
import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { PersonId } from '../../domain/ids';
import type { SavedPlan } from '../../domain/schedules';
import { ctext, moment, now } from './columns';
import { people } from './people';
import { promptSets } from './prompts';

export const schedules = pgTable('schedules', {
  name: ctext('name').primaryKey(),
  /** All that a run needs: the file that it was read from may be gone. */
  plan: jsonb('plan').$type<SavedPlan>().notNull(),
  promptSetHash: ctext('prompt_set_hash')
    .notNull()
    .references(() => promptSets.hash),
  /** Each run's seed is derived from it. */
  seed: text('seed').notNull(),
  /** Where the spec was read, for people. */
  specFile: text('spec_file').notNull(),
  /** Runs that could not start a round, one after the other, and why the last one could not. */
  failures: integer('failures').notNull().default(0),
  lastFailure: text('last_failure'),
  lastFailureAt: moment('last_failure_at'),
  createdBy: ctext('created_by')
    .$type<PersonId>()
    .notNull()
    .references(() => people.id),
  createdAt: now('created_at'),
});
