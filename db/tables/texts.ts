/** Everything that people or models wrote, by content hash. */
import { sql } from 'drizzle-orm';
import { check, index, pgTable, text } from 'drizzle-orm/pg-core';
import { ctext, moment, now } from './columns';

/** Everything that people or models wrote, once, by content hash (sha256 of the well-formed text, in hex). */
export const texts = pgTable(
  'texts',
  {
    hash: ctext('hash').primaryKey(),
    body: text('body').notNull(),
    createdAt: now('created_at'),
    /** Erased on request: the hash stays, so that what points here still holds; the body is empty. */
    redactedAt: moment('redacted_at'),
    redactedBy: ctext('redacted_by'),
    redactedWhy: text('redacted_why'),
  },
  (t) => [
    index('texts_redacted').on(t.hash).where(sql`redacted_at is not null`),
    check('texts_redaction', sql`num_nulls(redacted_at, redacted_by, redacted_why) in (0, 3)`),
    check('texts_tombstone', sql`redacted_at is null or body = ''`),
  ],
);
