/** Prompt sets and their prompts. */
import { check, index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { PromptId } from '../../domain/ids';
import type { NewPrompt } from '../../domain/prompts';
import { PROMPT_SET_KINDS, type PromptSetKind, PURPOSES, type Purpose } from '../../domain/states';
import { ctext, now, oneOf } from './columns';
import { texts } from './texts';

export const promptSets = pgTable(
  'prompt_sets',
  {
    /** Hash of the set's prompts: the same file imported twice is one set. */
    hash: ctext('hash').primaryKey(),
    name: text('name').notNull(),
    kind: text('kind').$type<PromptSetKind>().notNull().default('fixed'),
    size: integer('size').notNull(),
    createdAt: now('created_at'),
  },
  () => [check('prompt_sets_kind', oneOf('kind', PROMPT_SET_KINDS))],
);

export const prompts = pgTable(
  'prompts',
  {
    id: uuid('id').$type<PromptId>().primaryKey(),
    setHash: ctext('set_hash')
      .notNull()
      .references(() => promptSets.hash),
    /** The id that the file gave, or its line number. */
    externalId: ctext('external_id').notNull(),
    position: integer('position').notNull(),
    /** A `develop` prompt may be looked at while the manual is written; a `measure` prompt only ever measures. */
    purpose: text('purpose').$type<Purpose>().notNull(),
    /** Canonical JSON of the chat messages, in `texts`; turns that the model is to play stand open in it. */
    messagesHash: ctext('messages_hash')
      .notNull()
      .references(() => texts.hash),
    requirements: text('requirements').array().notNull().default([]),
    /** An answer that came with it: canonical JSON of the assistant's message, in `texts`. */
    completionHash: ctext('completion_hash').references(() => texts.hash),
    /** The model's turn that is judged, from 0; null: the last. */
    judgeTurn: integer('judge_turn'),
    /** What else the file said of it. Never sent to a model or shown to a labeller. */
    metadata: jsonb('metadata').$type<NonNullable<NewPrompt['metadata']>>(),
  },
  (t) => [
    unique('prompts_external').on(t.setHash, t.externalId),
    index('prompts_messages').on(t.messagesHash),
    check('prompts_purpose', oneOf('purpose', PURPOSES)),
  ],
);
