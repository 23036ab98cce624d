/**
 * A labeller who cannot judge an item gives it back: no label, the slot returns, and it is not served to them again. One that
 * may be illegal is served to nobody any more.
 */
import { eq, sql } from 'drizzle-orm';
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { SkipCode } from '../../domain/states';
import type { Db } from '../connection';
import { assignments } from '../schema';
import { act, lockAssignment } from './act';
import { quarantineItem } from './quarantine';
import { offerAgain, returnSlot } from './slots';

export type SkipResult =
  | { kind: 'skipped' }
  | { kind: 'unknown-assignment' }
  | { kind: 'conflict'; why: 'already-submitted' | 'other-code' }
  | { kind: 'too-late' };

/** A repeat with the same code is answered as the first time. */
export function skip(
  db: Db,
  request: { assignmentId: AssignmentId; labellerId: PersonId; code: SkipCode },
): Promise<SkipResult> {
  return act(db, async (tx) => {
    const held = await lockAssignment(tx, request.assignmentId, request.labellerId);
    if (!held) return { kind: 'unknown-assignment' };
    switch (held.state) {
      case 'skipped':
        return held.skipCode === request.code ? { kind: 'skipped' } : { kind: 'conflict', why: 'other-code' };
      case 'submitted':
        return { kind: 'conflict', why: 'already-submitted' };
      case 'expired':
      case 'released':
        return { kind: 'too-late' };
      case 'leased':
        await returnSlot(tx, held);
        await tx
          .update(assignments)
          .set({ state: 'skipped', skipCode: request.code, endedAt: sql`now()` })
          .where(eq(assignments.id, held.id));
        if (request.code === 'possibly-illegal') await quarantineItem(tx, held.item, held.labellerId, request.code);
        else await offerAgain(tx, held);
        return { kind: 'skipped' };
    }
  });
}
