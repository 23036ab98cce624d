/** Changes of what a round measures after its start: each on record, with who and why. */
import { asc, eq, getTableColumns } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { amendments, people } from '../schema';

export type AmendmentRow = typeof amendments.$inferSelect & { name: string };

/** In the order in which they were made. */
export function amendmentsOf(tx: Tx, roundId: RoundId): Promise<AmendmentRow[]> {
  return tx
    .select({ ...getTableColumns(amendments), name: people.name })
    .from(amendments)
    .innerJoin(people, eq(people.id, amendments.by))
    .where(eq(amendments.roundId, roundId))
    .orderBy(asc(amendments.id));
}

export async function isAmended(tx: Tx, roundId: RoundId): Promise<boolean> {
  return (await amendmentsOf(tx, roundId)).length > 0;
}
