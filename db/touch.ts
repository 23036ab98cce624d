/** What every act on an item does in its own transaction: mark the item, wake its shard, reopen what was done. */
import { and, eq, sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../domain/ids';
import type { Tx } from './connection';
import { nudgeRound, nudgeShard } from './outbox';
import { items, rounds, shards } from './schema';

/**
 * Call with the item's row locked. An act on a done shard reopens shard and round here, in the act's own transaction. A
 * shard that is being closed at this very moment is reopened by the nudge instead: its workflow finds the mark.
 */
export async function touchItem(tx: Tx, item: { id: ItemId; roundId: RoundId; shard: number }): Promise<void> {
  await tx.update(items).set({ touched: true }).where(eq(items.id, item.id));
  await nudgeShard(tx, item.roundId, item.shard);
  await reopenShard(tx, item.roundId, item.shard);
}

/** Puts a done shard back to labelling and its round back to running; nothing happens to a shard that is not done. */
export async function reopenShard(tx: Tx, roundId: RoundId, shard: number): Promise<boolean> {
  const reopened = await tx
    .update(shards)
    .set({ state: 'labelling', doneAt: null })
    .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard), eq(shards.state, 'done')))
    .returning({ shard: shards.shard });
  if (reopened.length === 0) return false;
  await tx
    .update(rounds)
    .set({ status: 'running', endedAt: null })
    .where(and(eq(rounds.id, roundId), sql`status in ('measuring', 'done')`));
  await nudgeRound(tx, roundId);
  return true;
}
