/** A labeller's live leases: those that are leased and whose time has not passed. */
import { and, asc, eq, sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { assignments } from '../schema';
import type { Lease } from './queue';

/** Oldest first. */
export function liveLeases(tx: Tx, roundId: RoundId, labellerId: PersonId): Promise<Lease[]> {
  return tx
    .select({ assignmentId: assignments.id, itemId: assignments.itemId, expiresAt: assignments.expiresAt })
    .from(assignments)
    .where(
      and(
        eq(assignments.roundId, roundId),
        eq(assignments.labellerId, labellerId),
        sql`${assignments.state} = 'leased'`,
        sql`${assignments.expiresAt} > now()`,
      ),
    )
    .orderBy(asc(assignments.leasedAt), asc(assignments.id))
    .prepare('live leases')
    .execute();
}
