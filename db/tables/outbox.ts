/** Messages to workflows. */
import { sql } from 'drizzle-orm';
import { bigserial, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { RoundId } from '../../domain/ids';
import { ctext, moment, now } from './columns';

/** Messages to workflows, written in the transaction of the act they tell of. The relay delivers and deletes them. */
export const outbox = pgTable(
  'outbox',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    /** Which workflow: a round's own, or one of its shards'. */
    roundId: ctext('round_id').$type<RoundId>().notNull(),
    shard: integer('shard'),
    createdAt: now('created_at'),
    claimedUntil: moment('claimed_until'),
    parkedAt: moment('parked_at'),
    parkedCode: text('parked_code'),
  },
  (t) => [index('outbox_ready').on(t.id).where(sql`parked_at is null`), index('outbox_target').on(t.roundId, t.shard)],
);
