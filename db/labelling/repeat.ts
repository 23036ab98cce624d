/** Answering a repeated submission as the first time. */
import { sql } from 'drizzle-orm';
import type { AssignmentId, LabelId } from '../../domain/ids';
import type { Tx } from '../connection';
import { prepared } from '../prepared';
import type { Submission, SubmitResult } from './submit';

/** Why a label came too late. */
export const TOO_LATE_REASONS = [
  'expired',
  'released',
  'skipped',
  'suspended',
  'deadline-passed',
  'round-cancelled',
  'round-failed',
] as const;
export type TooLateReason = (typeof TOO_LATE_REASONS)[number];

/**
 * What the labeller was answered under this key, if anything: the same again for the same request, a conflict for
 * another. A label that was withdrawn since is still answered as it was.
 */
export async function earlierAnswer(tx: Tx, submission: Submission): Promise<SubmitResult | undefined> {
  const { labellerId, key } = submission;
  const [earlier] = await prepared<{
    label_id: LabelId | null;
    assignment_id: AssignmentId;
    request_hash: string;
    at_ms: number;
    reason: string | null;
  }>(
    tx,
    'earlier answer',
    sql`
    select id as label_id, assignment_id, request_hash, null as reason,
      (extract(epoch from submitted_at) * 1000)::float8 as at_ms
    from labels where labeller_id = ${labellerId} and idempotency_key = ${key}
    union all
    select null, assignment_id, request_hash, reason, (extract(epoch from at) * 1000)::float8
    from refused_labels where labeller_id = ${labellerId} and idempotency_key = ${key}`,
  );
  if (!earlier) return undefined;
  if (earlier.assignment_id !== submission.assignmentId || earlier.request_hash !== submission.requestHash) {
    return { kind: 'conflict', why: 'key-used' };
  }
  if (earlier.label_id !== null) {
    return { kind: 'accepted', labelId: earlier.label_id, submittedAt: new Date(earlier.at_ms) };
  }
  return { kind: 'too-late', why: TOO_LATE_REASONS.find((reason) => reason === earlier.reason) ?? 'expired' };
}
