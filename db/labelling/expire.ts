/** Marking leases whose time has passed. A change of state by whoever meets them: there is no timer per lease. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../../domain/ids';
import type { ItemState } from '../../domain/states';
import type { Db, Tx } from '../connection';
import { givePlaces } from '../places';
import { rowsOf, statement } from '../prepared';
import { assignments, items } from '../schema';
import { act } from './act';
import { returnSlot } from './slots';

/**
 * Expires up to `limit` leases, oldest first, of one round or of all. Items that another transaction holds are left for
 * the next time. @returns how many were expired.
 */
export async function expireLeases(db: Db, { roundId, limit }: { roundId?: RoundId; limit: number }): Promise<number> {
  // Most often nothing is due: `next` asks whenever it has found nothing.
  if (!(await anyDue(db))) return 0;
  return act(db, async (tx) => {
    const due = await tx
      .select({ id: assignments.id, itemId: assignments.itemId })
      .from(assignments)
      .where(and(isDue, roundId === undefined ? undefined : eq(assignments.roundId, roundId)))
      .orderBy(asc(assignments.expiresAt))
      .limit(limit);
    const held = await lockFreeItems(tx, [...new Set(due.map((lease) => lease.itemId))]);
    const expired = await expire(
      tx,
      due.filter((lease) => held.has(lease.itemId)).map((lease) => lease.id),
    );
    for (const lease of expired) await returnSlot(tx, lease);
    for (const queue of queuesOf(expired.filter((lease) => held.get(lease.itemId) === 'open'))) {
      await givePlaces(tx, queue.roundId, queue.arm, [...queue.itemIds]);
    }
    return expired.length;
  });
}

async function anyDue(db: Db): Promise<boolean> {
  const [row] = await rowsOf(db, due({}));
  return row?.found ?? false;
}

const isDue = sql`${assignments.state} = 'leased' and ${assignments.expiresAt} < now()`;

const due = statement<Record<string, never>, { found: boolean }>(
  () => sql`select exists (select 1 from ${assignments} where ${isDue}) as found`,
);

type Lease = Pick<typeof assignments.$inferSelect, 'roundId' | 'itemId' | 'arm'>;

/** Locks in id order, passing over what others hold. */
async function lockFreeItems(tx: Tx, ids: ItemId[]): Promise<Map<ItemId, ItemState>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: items.id, state: items.state })
    .from(items)
    .where(inArray(items.id, ids))
    .orderBy(asc(items.id))
    .for('no key update', { skipLocked: true });
  return new Map(rows.map((row) => [row.id, row.state]));
}

/** Of these, the ones still due: some may have been submitted or extended since they were found. By round, then item. */
async function expire(tx: Tx, ids: (typeof assignments.$inferSelect)['id'][]): Promise<Lease[]> {
  if (ids.length === 0) return [];
  const expired = await tx
    .update(assignments)
    .set({ state: 'expired', endedAt: sql`now()` })
    .where(and(inArray(assignments.id, ids), isDue))
    .returning({ roundId: assignments.roundId, itemId: assignments.itemId, arm: assignments.arm });
  const key = (lease: Lease) => `${lease.roundId} ${lease.arm} ${lease.itemId}`;
  return expired.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Each queue once, in one order, so that two who expire leases of many rounds never wait for each other's counters. */
function queuesOf(leases: readonly Lease[]): Iterable<{ roundId: RoundId; arm: string; itemIds: Set<ItemId> }> {
  const queues = new Map<string, { roundId: RoundId; arm: string; itemIds: Set<ItemId> }>();
  for (const { roundId, arm, itemId } of leases) {
    const queue = queues.get(`${roundId} ${arm}`) ?? { roundId, arm, itemIds: new Set<ItemId>() };
    queue.itemIds.add(itemId);
    queues.set(`${roundId} ${arm}`, queue);
  }
  return queues.values();
}
