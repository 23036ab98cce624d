/** Measurements as rows: one per round and hash of inputs, the newest one current. */
import { and, eq, sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../../domain/ids';
import type { RoundResult } from '../../domain/results';
import type { RecordedOutcome } from '../../domain/verdictOfRecord';
import type { Db, Tx } from '../connection';
import { lockRound, type RoundRow } from '../rounds/read';
import { measurementItems, measurements, rounds } from '../schema';

/** Marks the round as being measured, if all its shards are done. @returns whether it is. */
export function beginMeasuring(db: Db, roundId: RoundId): Promise<boolean> {
  return db.transaction(async (tx) => {
    const round = await lockRound(tx, roundId);
    if (round.status !== 'running' && round.status !== 'measuring') return false;
    const [open] = await tx.execute<{ n: number }>(
      sql`select count(*)::int as n from shards where round_id = ${roundId} and state <> 'done'`,
    );
    if ((open?.n ?? 0) > 0) return false;
    await tx.update(rounds).set({ status: 'measuring' }).where(eq(rounds.id, roundId));
    return true;
  });
}

/** The empty row that a measurement's items point at while they are written; filled by `finishMeasurement`. */
export async function newMeasurement(tx: Tx, round: RoundRow, placeholder: string): Promise<number> {
  const { id: roundId, manualRevision, capabilityTable } = round;
  const result = { confidence: 0, byModel: [] };
  const [row] = await tx
    .insert(measurements)
    .values({ roundId, inputHash: placeholder, manualRevision, capabilityTable, result })
    .returning({ id: measurements.id });
  if (!row) throw new Error('a measurement was not inserted');
  return row.id;
}

export async function addMeasuredItems(
  tx: Tx,
  measurementId: number,
  outcomes: readonly (RecordedOutcome & { itemId: ItemId })[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await tx
    .insert(measurementItems)
    .values(outcomes.map(({ outcome, ...recorded }) => ({ measurementId, verdict: outcome, ...recorded })));
}

export async function finishMeasurement(
  tx: Tx,
  id: number,
  finished: { inputHash: string; answersHash: string; result: RoundResult },
): Promise<void> {
  await tx.update(measurements).set(finished).where(eq(measurements.id, id));
}

export async function measurementOf(tx: Tx, roundId: RoundId, inputHash: string): Promise<number | undefined> {
  const [row] = await tx
    .select({ id: measurements.id })
    .from(measurements)
    .where(and(eq(measurements.roundId, roundId), eq(measurements.inputHash, inputHash)));
  return row?.id;
}

/** The round is done with this measurement as its current one, unless an act reopened it meanwhile. */
export function endMeasuring(db: Db, roundId: RoundId, measurementId: number): Promise<boolean> {
  return db.transaction(async (tx) => {
    const ended = await tx
      .update(rounds)
      .set({ status: 'done', measurementId, endedAt: sql`now()` })
      .where(and(eq(rounds.id, roundId), eq(rounds.status, 'measuring')))
      .returning({ id: rounds.id });
    return ended.length > 0;
  });
}
