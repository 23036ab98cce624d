/** Everything that people or models wrote, by content hash. */
import { pgTable, text } from 'drizzle-orm/pg-core';
import { ctext, now } from './columns';

/** Everything that people or models wrote, once, by content hash (sha256 of the well-formed text, in hex). */
export const texts = pgTable('texts', {
  hash: ctext('hash').primaryKey(),
  body: text('body').notNull(),
  createdAt: now('created_at'),
});
