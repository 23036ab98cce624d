/** What every act on an item does in its own transaction: mark the item, wake its shard, reopen what was done. */
import { and, eq, sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../domain/ids';
import type { Tx } from './connection';
import { nudgeRound } from './outbox';
import { prepared } from './prepared';
import { rounds, shards } from './schema';

/**
 * Call with the item's row locked. An act on a done shard reopens shard and round here, in the act's own transaction. A
 * shard that is being closed at this very moment is reopened by the nudge instead: its workflow finds the mark.
 */
export async function touchItem(tx: Tx, item: { id: ItemId; roundId: RoundId; shard: number }): Promise<void> {
  const [shard] = await prepared<{ done: boolean }>(
    tx,
    'touch item',
    sql`
    with marked as (update items set touched = true where id = ${item.id}),
    nudged as (insert into outbox (round_id, shard) values (${item.roundId}, ${item.shard}))
    select state = 'done' as done from shards where round_id = ${item.roundId} and shard = ${item.shard}`,
  );
  if (shard?.done) await reopenShard(tx, item.roundId, item.shard);
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
