/** Manuals and capability tables: each revision addressed by its content, never edited. */
import { check, integer, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import type { CapabilityTable } from '../../domain/capability';
import { FORMS, type FormName } from '../../domain/forms';
import type { ManualHash, PersonId, TableHash } from '../../domain/ids';
import type { Manual } from '../../domain/manual';
import { ctext, now, oneOf } from './columns';
import { people } from './people';

export const manualRevisions = pgTable(
  'manual_revisions',
  {
    hash: ctext('hash').$type<ManualHash>().primaryKey(),
    name: ctext('name').notNull(),
    /** From 1, per name. */
    revision: integer('revision').notNull(),
    form: text('form').$type<FormName>().notNull(),
    content: jsonb('content').$type<Manual>().notNull(),
    importedBy: ctext('imported_by')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    importedAt: now('imported_at'),
  },
  (t) => [
    unique('manual_revisions_number').on(t.name, t.revision),
    check('manual_revisions_form', oneOf('form', FORMS)),
  ],
);

/** What models are capable of, in the words of a manual's entries. Sent to no labeller. */
export const capabilityTables = pgTable(
  'capability_tables',
  {
    hash: ctext('hash').$type<TableHash>().primaryKey(),
    /** The manual's name. */
    manual: ctext('manual').notNull(),
    /** From 1, per manual. */
    revision: integer('revision').notNull(),
    content: jsonb('content').$type<CapabilityTable>().notNull(),
    importedBy: ctext('imported_by')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    importedAt: now('imported_at'),
  },
  (t) => [unique('capability_tables_number').on(t.manual, t.revision)],
);
