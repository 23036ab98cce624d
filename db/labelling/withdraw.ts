/** Withdrawing a label that must not count. It stays readable; its slot is free again, also for the same labeller. */
import { eq, sql } from 'drizzle-orm';
import type { LabelId, PersonId, RoundId } from '../../domain/ids';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { assignments, audit, labels } from '../schema';
import { touchItem } from '../touch';
import { act, lockAssignment } from './act';
import { offerAgain, returnSlot } from './slots';

export interface Withdrawal {
  labelId: LabelId;
  by: PersonId;
  why: string;
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean;
}
export type WithdrawResult =
  | { kind: 'withdrawn' | 'would-withdraw'; labelId: LabelId; roundId: RoundId }
  | { kind: 'already-withdrawn'; labelId: LabelId; roundId: RoundId; at: Date; by: string; why: string }
  | { kind: 'unknown-label' };

/** Idempotent. A shard and a round that were done are open again with it. */
export function withdrawLabel(db: Db, withdrawal: Withdrawal): Promise<WithdrawResult> {
  const { labelId } = withdrawal;
  return act(db, async (tx) => {
    const found = await readLabel(tx, labelId);
    if (!found) return { kind: 'unknown-label' };
    const held = withdrawal.dryRun ? undefined : await lockAssignment(tx, found.assignmentId);
    const { roundId, withdrawnAt, withdrawnBy, withdrawnWhy } = (held && (await readLabel(tx, labelId))) ?? found;
    if (withdrawnAt !== null) {
      return {
        kind: 'already-withdrawn',
        labelId,
        roundId,
        at: withdrawnAt,
        by: withdrawnBy ?? '',
        why: withdrawnWhy ?? '',
      };
    }
    if (!held) return { kind: 'would-withdraw', labelId, roundId };
    await returnSlot(tx, held);
    await tx.update(assignments).set({ state: 'released' }).where(eq(assignments.id, held.id));
    await tx.update(labels).set(withdrawnNow(withdrawal)).where(eq(labels.id, labelId));
    await touchItem(tx, held.item);
    await tx.insert(audit).values({
      actor: withdrawal.by,
      action: 'label.withdraw',
      subject: labelId,
      roundId,
      detail: { assignmentId: held.id, labellerId: held.labellerId, why: wellFormed(withdrawal.why) },
    });
    await offerAgain(tx, held);
    return { kind: 'withdrawn', labelId, roundId };
  });
}

async function readLabel(tx: Tx, id: LabelId) {
  const [label] = await tx
    .select({
      assignmentId: labels.assignmentId,
      roundId: labels.roundId,
      withdrawnAt: labels.withdrawnAt,
      withdrawnBy: labels.withdrawnBy,
      withdrawnWhy: labels.withdrawnWhy,
    })
    .from(labels)
    .where(eq(labels.id, id));
  return label;
}

function withdrawnNow({ by, why }: Withdrawal) {
  return { withdrawnAt: sql`now()`, withdrawnBy: by, withdrawnWhy: wellFormed(why) };
}
