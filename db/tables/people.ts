/** Who acts: people, roles, tokens, labellers, and the audit of what they did. */
import { bigserial, boolean, check, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { PersonId, RoundId } from '../../domain/ids';
import { LABELLER_KINDS, type LabellerKind, ROLES, type Role } from '../../domain/states';
import { ctext, moment, now, oneOf } from './columns';
import { texts } from './texts';

export const people = pgTable('people', {
  id: ctext('id').$type<PersonId>().primaryKey(),
  name: text('name').notNull().unique(),
  createdAt: now('created_at'),
  removedAt: moment('removed_at'),
});

export const personRoles = pgTable(
  'person_roles',
  {
    personId: ctext('person_id')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    role: text('role').$type<Role>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.role] }), check('person_roles_role', oneOf('role', ROLES))],
);

/** Bearer tokens: only the hash is kept, so a leaked database signs nobody in. */
export const tokens = pgTable(
  'tokens',
  {
    hash: ctext('hash').primaryKey(),
    personId: ctext('person_id')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: now('created_at'),
    revokedAt: moment('revoked_at'),
  },
  (t) => [index('tokens_person').on(t.personId)],
);

export const labellers = pgTable(
  'labellers',
  {
    id: ctext('id')
      .$type<PersonId>()
      .primaryKey()
      .references(() => people.id),
    kind: text('kind').$type<LabellerKind>().notNull(),
    groups: text('groups').array().notNull().default([]),
    /** Requirements this labeller meets, such as `lang:de`. An item is served to those who hold all of its own. */
    holds: text('holds').array().notNull().default([]),
    /** Gets no items until somebody lifts it. */
    suspendedAt: moment('suspended_at'),
    suspendedBy: ctext('suspended_by'),
    suspendedWhy: text('suspended_why'),
    /** The terms that they were invited under, in `texts`, and when they agreed to them. */
    termsHash: ctext('terms_hash').references(() => texts.hash),
    agreedAt: moment('agreed_at'),
  },
  () => [check('labellers_kind', oneOf('kind', LABELLER_KINDS))],
);

/** Who did what, with the refusals. Never holds prompts, completions or notes. */
export const audit = pgTable(
  'audit',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    at: now('at'),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    roundId: ctext('round_id').$type<RoundId>(),
    refused: boolean('refused').notNull().default(false),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index('audit_round').on(t.roundId, t.id)],
);
