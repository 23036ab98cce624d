/** A labeller's live leases: those that are leased and whose time has not passed. */
import { type SQL, sql } from 'drizzle-orm';
import type { AssignmentId, ItemId, PersonId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { rowsOf, statement } from '../prepared';
import type { Lease } from './queue';

/** A labeller may hold this many leases: one to judge while the next is being fetched. */
export const LIVE_LEASES = 2;

/** Oldest first. */
export async function liveLeases(tx: Tx, roundId: RoundId, labellerId: PersonId): Promise<Lease[]> {
  const rows = await rowsOf(tx, live({ roundId, labellerId }));
  return rows.map(({ id, item_id, expires_ms }) => ({
    assignmentId: id,
    itemId: item_id,
    expiresAt: new Date(expires_ms),
  }));
}

interface LiveRow extends Record<string, unknown> {
  id: AssignmentId;
  item_id: ItemId;
  expires_ms: number;
}

const live = statement<{ roundId: RoundId; labellerId: PersonId }, LiveRow>(
  (labeller) => sql`${liveLeasesOf(labeller)} order by leased_at, id`,
);

/**
 * The rows themselves, as part of a statement. `is true` keeps Postgres from looking through everybody's leases by their time,
 * with all that have ended since the last vacuum, where it can go to the labeller's own.
 */
export function liveLeasesOf({ roundId, labellerId }: Record<'roundId' | 'labellerId', unknown>): SQL {
  return sql`
    select id, item_id, (extract(epoch from expires_at) * 1000)::float8 as expires_ms from assignments
    where round_id = ${roundId} and labeller_id = ${labellerId} and state = 'leased'
      and (expires_at > now()) is true`;
}
