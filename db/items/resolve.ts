/** Applying the rule to locked items: enough, one more label, contested, or ended by the deadline. */
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { type Verdict, verdictOf } from '../../domain/forms';
import { type ItemId, MAIN, type RoundId } from '../../domain/ids';
import type { ShardProgress } from '../../domain/progress';
import { type Resolution, resolve } from '../../domain/resolving';
import type { ItemState } from '../../domain/states';
import type { Db, Tx } from '../connection';
import { nudgeRound } from '../outbox';
import { givePlaces } from '../places';
import { deadlinePassed, type RoundRow, readRound } from '../rounds/read';
import { itemArms, items, labels, rounds, shards } from '../schema';
import { reopenShard } from '../touch';

const ITEMS_PER_TRANSACTION = 200;

/** Works off the shard's marked items, all its unfinished ones once the deadline has passed, and closes it if all ended. */
export async function resolveItems(db: Db, roundId: RoundId, shard: number): Promise<ShardProgress> {
  while ((await resolveSome(db, roundId, shard)) === ITEMS_PER_TRANSACTION);
  return closeShard(db, roundId, shard);
}

/** @returns how many items were looked at. */
function resolveSome(db: Db, roundId: RoundId, shard: number): Promise<number> {
  return db.transaction(async (tx) => {
    const round = await readRound(tx, roundId);
    if (!isLive(round)) return 0;
    const [clock] = await tx.select({ late: deadlinePassed }).from(rounds).where(eq(rounds.id, roundId));
    const late = clock?.late ?? false;
    const found = await tx
      .select({ id: items.id, state: items.state })
      .from(items)
      .where(
        and(
          eq(items.roundId, roundId),
          eq(items.shard, shard),
          late ? sql`(touched or state in ('pending', 'generated', 'open', 'contested'))` : sql`touched`,
        ),
      )
      .orderBy(asc(items.id))
      .limit(ITEMS_PER_TRANSACTION)
      .for('update');
    if (found.length === 0) return 0;
    await reopenShard(tx, roundId, shard);
    const counted = await countedVerdicts(
      tx,
      found.map((item) => item.id),
    );
    const next = new Map<ItemState, ItemId[]>();
    for (const item of found) {
      const state = stateAfter(item.state, resolve(counted.get(item.id) ?? [], round.spec.resolving, late), late);
      next.set(state, [...(next.get(state) ?? []), item.id]);
    }
    const reopened = (next.get('open') ?? []).filter((id) => found.find((item) => item.id === id)?.state !== 'open');
    for (const [state, ids] of next) await moveTo(tx, state, ids);
    await givePlaces(tx, roundId, MAIN, await withFreeSlots(tx, reopened));
    return found.length;
  });
}

/** An item that was never generated cannot be resolved: the deadline fails it. */
function stateAfter(state: ItemState, resolution: Resolution, late: boolean): ItemState {
  if (state === 'failed') return 'failed';
  if (state === 'pending') return late ? 'failed' : 'pending';
  if (state === 'generated' && !late) return 'generated';
  return resolution.kind === 'waiting' ? 'open' : resolution.kind;
}

async function moveTo(tx: Tx, state: ItemState, ids: readonly ItemId[]): Promise<void> {
  const failCode = state === 'failed' ? sql`coalesce(fail_code, 'not-generated')` : null;
  await tx
    .update(items)
    .set({ state, failCode, touched: false })
    .where(inArray(items.id, [...ids]));
}

async function withFreeSlots(tx: Tx, ids: readonly ItemId[]): Promise<ItemId[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .select({ id: itemArms.itemId })
    .from(itemArms)
    .where(and(inArray(itemArms.itemId, [...ids]), sql`taken < slots`))
    .orderBy(asc(itemArms.itemId));
  return rows.map((row) => row.id);
}

/** The classes of all counted labels of these items. */
async function countedVerdicts(tx: Tx, ids: readonly ItemId[]): Promise<Map<ItemId, Verdict[]>> {
  const rows = await tx
    .select({ itemId: labels.itemId, answers: labels.answers })
    .from(labels)
    .where(and(inArray(labels.itemId, [...ids]), isNull(labels.withdrawnAt)));
  const verdicts = new Map<ItemId, Verdict[]>();
  for (const row of rows) verdicts.set(row.itemId, [...(verdicts.get(row.itemId) ?? []), verdictOf(row.answers)]);
  return verdicts;
}

/** Done when nothing is unfinished or marked; the round hears of it in the same transaction. */
function closeShard(db: Db, roundId: RoundId, shard: number): Promise<ShardProgress> {
  return db.transaction(async (tx) => {
    const round = await readRound(tx, roundId);
    const [row] = await tx
      .select({ state: shards.state })
      .from(shards)
      .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard)))
      .for('update');
    const counts = await tx
      .select({
        state: items.state,
        n: sql<number>`count(*)::int`,
        marked: sql<number>`count(*) filter (where touched)::int`,
      })
      .from(items)
      .where(and(eq(items.roundId, roundId), eq(items.shard, shard)))
      .groupBy(items.state);
    const progress: ShardProgress['items'] = Object.fromEntries(counts.map((count) => [count.state, count.n]));
    const marked = counts.some((count) => count.marked > 0);
    const unfinished = UNFINISHED.some((state) => (progress[state] ?? 0) > 0);
    let state = row?.state ?? 'done';
    if (isLive(round) && state !== 'done' && !marked && !unfinished) {
      await tx
        .update(shards)
        .set({ state: 'done', doneAt: sql`now()`, wakes: 0 })
        .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard)));
      await nudgeRound(tx, roundId);
      state = 'done';
    }
    return { state, ended: !isLive(round) || (state === 'done' && !marked), items: progress };
  });
}

const UNFINISHED: readonly ItemState[] = ['pending', 'generated', 'open', 'contested'];

/** A round that was measured may be touched again; one that was cancelled or failed stays as it is. */
function isLive(round: RoundRow): boolean {
  return round.status === 'running' || round.status === 'measuring' || round.status === 'done';
}
