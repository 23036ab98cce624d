/**
 * A labeller who leaves gives back what they hold, for others to have at once: no label and no code, and the item may come to
 * the same labeller again.
 */
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { Db } from '../connection';
import { act, lockAssignment } from './act';
import { endLease, offerAgain } from './slots';

export type GiveBackResult =
  /** Now, or before. */
  | { kind: 'released' }
  | { kind: 'unknown-assignment' }
  | { kind: 'conflict'; why: 'already-submitted' }
  | { kind: 'too-late' };

export function giveBack(
  db: Db,
  request: { assignmentId: AssignmentId; labellerId: PersonId },
): Promise<GiveBackResult> {
  return act(db, async (tx) => {
    const held = await lockAssignment(tx, request.assignmentId, request.labellerId);
    switch (held?.state) {
      case undefined:
        return { kind: 'unknown-assignment' };
      case 'released':
        return { kind: 'released' };
      case 'submitted':
        return { kind: 'conflict', why: 'already-submitted' };
      case 'expired':
      case 'skipped':
        return { kind: 'too-late' };
      case 'leased':
        await endLease(tx, held, { state: 'released' });
        await offerAgain(tx, held);
        return { kind: 'released' };
    }
  });
}
