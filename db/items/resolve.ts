/** Applying the rule to locked items: enough, one more label, contested, or ended by the deadline. */
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { type ItemId, MAIN, type RoundId } from '../../domain/ids';
import { judgeOf } from '../../domain/judging';
import type { ShardProgress } from '../../domain/progress';
import { type Heard, type Resolution, resolve } from '../../domain/resolving';
import { rulingOfRecord } from '../../domain/rulings';
import type { ItemState } from '../../domain/states';
import type { Db, Tx } from '../connection';
import { judgingGround } from '../judging';
import { nudgeRound } from '../outbox';
import { givePlaces } from '../places';
import { deadlinePassed, holdRound, type RoundRow, readRound } from '../rounds/read';
import { itemArms, items, labels, rounds, rulings, shards } from '../schema';
import { reopenShard } from '../touch';
import { whoMayStillBeAsked } from './asking';

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
      .select({
        id: items.id,
        state: items.state,
        modelId: items.modelId,
        quarantined: sql<boolean>`${items.quarantinedAt} is not null`,
        redacted: sql<boolean>`${items.redactedAt} is not null`,
      })
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
    // Read again under the items' locks, and held: an amendment either came before, or marks these items after.
    const heard = await heardOf(tx, await holdRound(tx, roundId), found, late);
    const next = new Map<ItemState, ItemId[]>();
    const wanted = new Map<ItemId, number>();
    for (const item of found) {
      const resolution = resolve(heard.get(item.id) ?? NOTHING_HEARD, round.spec.resolving, late);
      const state = stateAfter(item, resolution, late);
      next.set(state, [...(next.get(state) ?? []), item.id]);
      if (state === 'open' && resolution.kind === 'waiting') {
        wanted.set(item.id, (heard.get(item.id)?.verdicts.length ?? 0) + resolution.missing);
      }
    }
    for (const [state, ids] of next) await moveTo(tx, state, ids);
    const widened = await widen(tx, wanted);
    const reopened = (next.get('open') ?? []).filter(
      (id) => widened.has(id) || found.find((item) => item.id === id)?.state !== 'open',
    );
    await givePlaces(tx, roundId, MAIN, await withFreeSlots(tx, reopened));
    return found.length;
  });
}

const NOTHING_HEARD: Heard = { verdicts: [] };

interface FoundItem {
  id: ItemId;
  state: ItemState;
  modelId: string;
  quarantined: boolean;
  redacted: boolean;
}

/** An item that was never generated cannot be resolved: the deadline fails it. */
function stateAfter({ state, quarantined, redacted }: FoundItem, resolution: Resolution, late: boolean): ItemState {
  if (state === 'failed') return 'failed';
  if (quarantined) return 'unresolved';
  // Nobody can read it any more: what is said of it is all that ever will be.
  if (redacted && state !== 'pending') return resolution.kind === 'settled' ? 'settled' : 'unresolved';
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

/** Gives items the slots that they want. @returns those that have more than before. */
async function widen(tx: Tx, wanted: ReadonlyMap<ItemId, number>): Promise<Set<ItemId>> {
  if (wanted.size === 0) return new Set();
  const rows = JSON.stringify([...wanted].map(([id, slots]) => ({ id, slots })));
  const widened = await tx.execute<{ item_id: ItemId }>(sql`
    update item_arms a set slots = w.slots
    from jsonb_to_recordset(${rows}::text::jsonb) as w(id uuid, slots int)
    where a.item_id = w.id and a.arm = ${MAIN} and a.slots < w.slots
    returning a.item_id`);
  return new Set(widened.map((row) => row.item_id));
}

/** What labels and rulings say of these items. */
async function heardOf(
  tx: Tx,
  round: RoundRow,
  found: readonly FoundItem[],
  late: boolean,
): Promise<Map<ItemId, Heard>> {
  const ids = found.map((item) => item.id);
  const judge = judgeOf(await judgingGround(tx, round));
  const given = await labelsOn(tx, ids);
  const ruled = await rulingsOn(tx, ids);
  // A doubt asks while labels are being asked for: what is settled is not opened again because somebody has joined since.
  const doubted = found.filter(({ id, state }) => state === 'open' && given.get(id)?.some((label) => label.unsure));
  const askable = late
    ? new Set<ItemId>()
    : await whoMayStillBeAsked(
        tx,
        round,
        doubted.map((item) => item.id),
      );
  return new Map(
    found.map(({ id, modelId }) => {
      const rulingsOfItem = (ruled.get(id) ?? []).map((each) => ({ ...each, judgment: judge(modelId, each.answers) }));
      const verdicts = (given.get(id) ?? []).map((label) => judge(modelId, label.answers).verdict);
      return [id, { verdicts, unsure: askable.has(id), ruled: rulingOfRecord(rulingsOfItem)?.verdict ?? null }];
    }),
  );
}

/** The counted labels, by item. */
async function labelsOn(tx: Tx, ids: readonly ItemId[]) {
  const rows = await tx
    .select({ itemId: labels.itemId, answers: labels.answers, unsure: labels.unsure })
    .from(labels)
    .where(and(inArray(labels.itemId, [...ids]), isNull(labels.withdrawnAt)));
  return Map.groupBy(rows, (row) => row.itemId);
}

async function rulingsOn(tx: Tx, ids: readonly ItemId[]) {
  const { itemId, researcherId, stage, answers } = rulings;
  const rows = await tx
    .select({ itemId, researcherId, stage, answers })
    .from(rulings)
    .where(inArray(rulings.itemId, [...ids]));
  return Map.groupBy(rows, (row) => row.itemId);
}

/** Done when nothing is unfinished or marked; the round hears of it in the same transaction. */
function closeShard(db: Db, roundId: RoundId, shard: number): Promise<ShardProgress> {
  return db.transaction(async (tx) => {
    const round = await readRound(tx, roundId);
    const [row] = await tx
      .select({ state: shards.state, unopened: shards.unopened, open: shards.open })
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
    const { pending = 0, generated = 0, open = 0 } = progress;
    if (row && (row.unopened !== pending + generated || row.open !== open)) {
      await tx
        .update(shards)
        .set({ unopened: pending + generated, open })
        .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard)));
    }
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
