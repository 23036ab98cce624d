/** Nudges for workflows: written in the transaction of the act they tell of, so that neither exists without the other. */
import { inArray, sql } from 'drizzle-orm';
import type { RoundId } from '../domain/ids';
import type { Tx } from './connection';
import { outbox } from './schema';

/** What a nudge is for: a round's own workflow (no shard) or one of its shards'. */
export interface NudgeTarget {
  roundId: RoundId;
  shard: number | null;
}
export interface TakenNudges extends NudgeTarget {
  ids: number[];
}

export async function nudgeRound(tx: Tx, roundId: RoundId): Promise<void> {
  await tx.insert(outbox).values({ roundId });
}

export async function nudgeShard(tx: Tx, roundId: RoundId, shard: number): Promise<void> {
  await tx.insert(outbox).values({ roundId, shard });
}

/**
 * Takes up to `limit` committed rows for `claimMs`, oldest first, joined per workflow. Rows that another relay holds are
 * passed over; a claim that ran out is taken again.
 */
export async function takeNudges(tx: Tx, limit: number, claimMs: number): Promise<TakenNudges[]> {
  const rows = await tx.execute<{ id: string; round_id: RoundId; shard: number | null }>(sql`
    update outbox set claimed_until = now() + ${claimMs} * interval '1 millisecond'
    where id in (
      select id from outbox
      where parked_at is null and (claimed_until is null or claimed_until < now())
      order by id limit ${limit} for update skip locked)
    returning id, round_id, shard`);
  const taken = new Map<string, TakenNudges>();
  for (const row of rows) {
    const key = `${row.round_id} ${row.shard ?? ''}`;
    const target = taken.get(key) ?? { roundId: row.round_id, shard: row.shard, ids: [] };
    target.ids.push(Number(row.id));
    taken.set(key, target);
  }
  return [...taken.values()];
}

export async function deleteNudges(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.delete(outbox).where(inArray(outbox.id, [...ids]));
}

/** Gives rows back, to be taken again after `delayMs`. */
export async function returnNudges(tx: Tx, ids: readonly number[], delayMs: number): Promise<void> {
  await tx
    .update(outbox)
    .set({ claimedUntil: sql`now() + ${delayMs} * interval '1 millisecond'` })
    .where(inArray(outbox.id, [...ids]));
}

/** Sets rows aside that can never be delivered; `doctor` shows them, and the rows behind them go on. */
export async function parkNudges(tx: Tx, ids: readonly number[], code: string): Promise<void> {
  await tx
    .update(outbox)
    .set({ parkedAt: sql`now()`, parkedCode: code })
    .where(inArray(outbox.id, [...ids]));
}

export async function outboxState(tx: Tx): Promise<{ waiting: number; parked: number; oldestSeconds: number }> {
  const [row] = await tx.execute<{ waiting: number; parked: number; oldest: number }>(sql`
    select count(*) filter (where parked_at is null)::int as waiting,
           count(*) filter (where parked_at is not null)::int as parked,
           coalesce(extract(epoch from now() - min(created_at) filter (where parked_at is null)), 0)::float8 as oldest
    from outbox`);
  return { waiting: row?.waiting ?? 0, parked: row?.parked ?? 0, oldestSeconds: row?.oldest ?? 0 };
}
