/** Changes of what a round measures after its start: each on record, with who and why. */
import { asc, eq } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { amendments } from '../schema';

export type AmendmentRow = typeof amendments.$inferSelect;

/** In the order in which they were made. */
export function amendmentsOf(tx: Tx, roundId: RoundId): Promise<AmendmentRow[]> {
  return tx.select().from(amendments).where(eq(amendments.roundId, roundId)).orderBy(asc(amendments.id));
}

export async function isAmended(tx: Tx, roundId: RoundId): Promise<boolean> {
  return (await amendmentsOf(tx, roundId)).length > 0;
}
