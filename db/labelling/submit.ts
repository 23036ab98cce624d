/** Taking a label: at once, as a repeat of one taken before, or refused with what was written kept. */
import { and, eq, inArray, ne, or, sql } from 'drizzle-orm';
import type { Answers } from '../../domain/forms';
import type { AssignmentId, LabelId, PersonId } from '../../domain/ids';
import type { Db, Tx } from '../connection';
import { isSuspended } from '../people/suspension';
import { assignments, refusedLabels } from '../schema';
import { acceptAtOnce, acceptHeld } from './accept';
import { act, type HeldAssignment, lockAssignment } from './act';
import { earlierAnswer, type TooLateReason } from './repeat';
import { takeSlot } from './slots';
import { saveNote } from './written';

export interface Submission {
  assignmentId: AssignmentId;
  labellerId: PersonId;
  /** The caller's own key, unique per labeller: a repeat under the same key gets the same answer. */
  key: string;
  /** Hash of all that the caller sent. */
  requestHash: string;
  /** As `readAnswers` gave them. */
  answers: Answers;
  unsure: boolean;
  note: string | null;
}

export type SubmitResult =
  | { kind: 'accepted'; labelId: LabelId; submittedAt: Date }
  /** No such assignment, or somebody else's: the two are not told apart. */
  | { kind: 'unknown-assignment' }
  | { kind: 'conflict'; why: 'key-used' | 'already-submitted' | 'newer-assignment' }
  /** Refused; answers and note are kept. */
  | { kind: 'too-late'; why: TooLateReason };

/**
 * Accepts while the assignment is leased, even past its time if nobody has marked it expired, and even if the round is
 * paused or its deadline has passed: the work was in hand. An expired one is accepted if its item is still open for
 * labels and has a free slot.
 */
export async function submit(db: Db, submission: Submission): Promise<SubmitResult> {
  return (await acceptAtOnce(db, submission)) ?? stepByStep(db, submission);
}

function stepByStep(db: Db, submission: Submission): Promise<SubmitResult> {
  return act(db, async (tx) => {
    const held = await lockAssignment(tx, submission.assignmentId, submission.labellerId);
    if (!held) return { kind: 'unknown-assignment' };
    const earlier = await earlierAnswer(tx, submission);
    if (earlier) return earlier;
    if (held.state === 'submitted') return { kind: 'conflict', why: 'already-submitted' };
    const standing = await standingOf(tx, held);
    if (standing === 'newer-assignment') return { kind: 'conflict', why: standing };
    if (standing !== 'in-hand') return keepRefused(tx, submission, held, standing);
    return acceptHeld(tx, submission, await saveNote(tx, submission.note));
  });
}

/** Whether the assignment holds a slot, if need be by taking one anew; else why its label comes too late. */
async function standingOf(tx: Tx, held: HeldAssignment): Promise<'in-hand' | 'newer-assignment' | TooLateReason> {
  if (held.round.status === 'cancelled') return 'round-cancelled';
  if (held.round.status === 'failed') return 'round-failed';
  if (held.state === 'leased') return 'in-hand';
  if (held.state === 'skipped') return 'skipped';
  const other = await otherAssignment(tx, held);
  if (other === 'same-item') return 'newer-assignment';
  if (held.state === 'released') return 'released';
  if (await isSuspended(tx, held.labellerId)) return 'suspended';
  if (held.round.late) return 'deadline-passed';
  const retaken = held.item.state === 'open' && other === undefined && (await takeSlot(tx, held));
  if (!retaken) return 'expired';
  await tx.update(assignments).set({ state: 'leased' }).where(eq(assignments.id, held.id));
  return 'in-hand';
}

/** Another leased or submitted assignment that would stand beside this one: on its item, or on its prompt. */
async function otherAssignment(tx: Tx, held: HeldAssignment): Promise<'same-item' | 'same-prompt' | undefined> {
  const [other] = await tx
    .select({ sameItem: sql<boolean>`${assignments.itemId} = ${held.itemId}` })
    .from(assignments)
    .where(
      and(
        eq(assignments.roundId, held.roundId),
        eq(assignments.labellerId, held.labellerId),
        eq(assignments.promptId, held.promptId),
        ne(assignments.id, held.id),
        inArray(assignments.state, ['leased', 'submitted']),
        or(eq(assignments.itemId, held.itemId), sql`${held.onePerPrompt}::boolean`),
      ),
    )
    .orderBy(sql`${assignments.itemId} = ${held.itemId} desc`)
    .limit(1);
  return other && (other.sameItem ? 'same-item' : 'same-prompt');
}

async function keepRefused(
  tx: Tx,
  submission: Submission,
  held: HeldAssignment,
  why: TooLateReason,
): Promise<SubmitResult> {
  await tx.insert(refusedLabels).values({
    labellerId: held.labellerId,
    idempotencyKey: submission.key,
    requestHash: submission.requestHash,
    assignmentId: held.id,
    answers: submission.answers,
    unsure: submission.unsure,
    noteHash: await saveNote(tx, submission.note),
    reason: why,
  });
  return { kind: 'too-late', why };
}
