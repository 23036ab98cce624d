/** A round's measurements: the current one, and those beside it. */
import { desc, eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { completed, type ModelResult } from '../../domain/results';
import type { Tx } from '../connection';
import { tableName } from '../manuals/names';
import { measurements } from '../schema';

export interface MeasurementView {
  measurementId: number;
  /** The one that the round stands by now. */
  current: boolean;
  createdAt: string;
  inputHash: string;
  /** Of all counted labels and rulings: two measurements with the same one differ by table alone. */
  answersHash: string;
  /** Such as `starter@2`; null where there was none. */
  capabilityTable: string | null;
  byModel: ModelResult[];
}

/** The current one first, then the newest. */
export async function listMeasurements(
  tx: Tx,
  roundId: RoundId,
  currentId: number | null,
  limit: number,
): Promise<MeasurementView[]> {
  const rows = await tx
    .select()
    .from(measurements)
    .where(eq(measurements.roundId, roundId))
    .orderBy(sql`${measurements.id} = ${currentId ?? 0} desc`, desc(measurements.id))
    .limit(limit);
  return Promise.all(
    rows.map(async (row) => ({
      measurementId: row.id,
      current: row.id === currentId,
      createdAt: row.createdAt.toISOString(),
      inputHash: row.inputHash,
      answersHash: row.answersHash,
      capabilityTable: await tableName(tx, row.capabilityTable),
      byModel: completed(row.result.byModel),
    })),
  );
}
