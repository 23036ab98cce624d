/**
 * A labeller who cannot judge an item gives it back: no label, the slot returns, and it is not served to them again. One that
 * may be illegal is served to nobody any more.
 */
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { SkipCode } from '../../domain/states';
import type { Db, Tx } from '../connection';
import { act, type HeldAssignment, lockAssignment } from './act';
import { quarantineItem } from './quarantine';
import { endLease, offerAgain } from './slots';

export type SkipResult =
  | { kind: 'skipped' }
  | { kind: 'unknown-assignment' }
  | { kind: 'conflict'; why: 'already-submitted' | 'other-code' }
  | { kind: 'too-late' };

/**
 * A repeat with the same code is answered as the first time. What may be illegal is taken away whatever has become of the
 * assignment: a report that comes late is still a report.
 */
export function skip(
  db: Db,
  request: { assignmentId: AssignmentId; labellerId: PersonId; code: SkipCode },
): Promise<SkipResult> {
  return act(db, async (tx) => {
    const held = await lockAssignment(tx, request.assignmentId, request.labellerId);
    if (!held) return { kind: 'unknown-assignment' };
    const result = await skipHeld(tx, held, request.code);
    if (request.code === 'possibly-illegal') await quarantineItem(tx, held.item, held.labellerId, request.code);
    else if (result.kind === 'skipped' && held.state === 'leased') await offerAgain(tx, held);
    return result;
  });
}

async function skipHeld(tx: Tx, held: HeldAssignment, code: SkipCode): Promise<SkipResult> {
  switch (held.state) {
    case 'skipped':
      return held.skipCode === code ? { kind: 'skipped' } : { kind: 'conflict', why: 'other-code' };
    case 'submitted':
      return { kind: 'conflict', why: 'already-submitted' };
    case 'expired':
    case 'released':
      return { kind: 'too-late' };
    case 'leased':
      await endLease(tx, held, { state: 'skipped', skipCode: code });
      return { kind: 'skipped' };
  }
}
