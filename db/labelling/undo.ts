/** Taking back one's own label while the lease's time has not passed: it is withdrawn, and the item is in hand again. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { Db } from '../connection';
import { isSuspended } from '../people/suspension';
import { assignments, labels } from '../schema';
import { touchItem } from '../touch';
import { act, isCalledOff, lockAssignment } from './act';

export type UndoResult =
  /** The assignment is leased, until then; also if it was before. Its next label needs a new key. */
  { kind: 'leased'; expiresAt: Date } | { kind: 'unknown-assignment' } | { kind: 'too-late' };

/** The lease comes back beside those taken since: a labeller then holds more than two until one is submitted. */
export function undo(db: Db, request: { assignmentId: AssignmentId; labellerId: PersonId }): Promise<UndoResult> {
  return act(db, async (tx) => {
    const held = await lockAssignment(tx, request.assignmentId, request.labellerId);
    if (!held) return { kind: 'unknown-assignment' };
    if (!held.inTime || isCalledOff(held.round) || held.item.withheld) return { kind: 'too-late' };
    if (held.state === 'leased') return { kind: 'leased', expiresAt: held.expiresAt };
    if (held.state !== 'submitted') return { kind: 'too-late' };
    if (await isSuspended(tx, held.labellerId)) return { kind: 'too-late' };
    await tx.update(assignments).set({ state: 'leased', endedAt: null }).where(eq(assignments.id, held.id));
    await tx
      .update(labels)
      .set({ withdrawnAt: sql`now()`, withdrawnBy: held.labellerId, withdrawnWhy: 'undo' })
      .where(and(eq(labels.assignmentId, held.id), isNull(labels.withdrawnAt)));
    await touchItem(tx, held.item);
    return { kind: 'leased', expiresAt: held.expiresAt };
  });
}
