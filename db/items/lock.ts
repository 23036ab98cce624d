/** An item with its row locked, as acts on it outside the queue begin. */
import { eq, sql } from 'drizzle-orm';
import type { ItemId } from '../../domain/ids';
import type { Tx } from '../connection';
import { items } from '../schema';

export type LockedItem = NonNullable<Awaited<ReturnType<typeof lockItem>>>;

/** One act at a time: whoever waits for the lock reads, in later statements, what the one before wrote. */
export async function lockItem(tx: Tx, id: ItemId) {
  const [item] = await tx
    .select({
      id: items.id,
      roundId: items.roundId,
      shard: items.shard,
      modelId: items.modelId,
      state: items.state,
      openedAt: items.openedAt,
      hasCompletion: sql<boolean>`${items.completionHash} is not null`,
      quarantined: sql<boolean>`${items.quarantinedAt} is not null`,
      redacted: sql<boolean>`${items.redactedAt} is not null`,
    })
    .from(items)
    .where(eq(items.id, id))
    .for('no key update');
  return item;
}
