/** What a round's labels are derived by. */
import type { JudgingGround } from '../domain/judging';
import type { Tx } from './connection';
import { readTable } from './manuals/read';
import type { RoundRow } from './rounds/read';

export async function judgingGround(
  tx: Tx,
  round: Pick<RoundRow, 'spec' | 'capabilityTable' | 'createdAt'>,
): Promise<JudgingGround> {
  const { spec, capabilityTable, createdAt } = round;
  return {
    models: spec.models,
    table: capabilityTable === null ? null : await readTable(tx, capabilityTable),
    at: createdAt,
  };
}
