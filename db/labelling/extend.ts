/** More time for a lease in hand. */
import { eq, sql } from 'drizzle-orm';
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { Db } from '../connection';
import { assignments } from '../schema';
import { act, lockAssignment } from './act';

/** However often it is extended, a lease ends this many lease times after it began. */
const LEASE_TIMES = 8;

export type ExtendResult =
  /** `extendableUntil`: the lease never ends later than this. */
  { kind: 'extended'; expiresAt: Date; extendableUntil: Date } | { kind: 'unknown-assignment' } | { kind: 'too-late' };

/** The lease ends one lease time from now; never sooner than it would have, never later than `extendableUntil`. */
export function extend(db: Db, request: { assignmentId: AssignmentId; labellerId: PersonId }): Promise<ExtendResult> {
  return act(db, async (tx) => {
    const held = await lockAssignment(tx, request.assignmentId, request.labellerId);
    if (!held) return { kind: 'unknown-assignment' };
    if (held.state !== 'leased' || !held.inTime) return { kind: 'too-late' };
    const leaseTime = sql`${held.round.settings.leaseMs}::float8 * interval '1 millisecond'`;
    const latest = sql`${assignments.leasedAt} + ${LEASE_TIMES} * ${leaseTime}`;
    const [extended] = await tx
      .update(assignments)
      .set({ expiresAt: sql`greatest(${assignments.expiresAt}, least(now() + ${leaseTime}, ${latest}))` })
      .where(eq(assignments.id, held.id))
      .returning({
        expiresAt: assignments.expiresAt,
        extendableUntil: sql`greatest(${assignments.expiresAt}, ${latest})`.mapWith(assignments.expiresAt),
      });
    if (!extended) throw new Error('a locked assignment was not there');
    return { kind: 'extended', ...extended };
  });
}
