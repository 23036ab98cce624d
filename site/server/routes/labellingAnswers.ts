/** What the queue's results are over HTTP. Nothing here tells which item, model or arm an assignment is of. */
import type { Lease, NextResult, Served, SubmitResult, TooLateReason } from '../../../db/labelling';
import { describeForm } from '../../../domain/forms';
import { type AssignmentId, isUuid } from '../../../domain/ids';
import { ApiError } from '../errors';
import { unknownRound } from './rounds';

export function leased(lease: Lease, { form, words, manual, ...item }: Served) {
  const { name, questions } = describeForm(form, words);
  return {
    assignment: { id: lease.assignmentId, leaseExpiresAt: lease.expiresAt.toISOString() },
    item,
    form: { name, questions: [...questions] },
    manual: manual ?? { revision: null },
  };
}

/** @throws ApiError for a round that is not there. */
export function nextAnswer(result: NextResult) {
  switch (result.kind) {
    case 'leased':
      return leased(result.lease, result.served);
    case 'nothing': {
      const { reason, retryAfter } = result;
      return retryAfter === undefined ? { reason } : { reason, retryAfter };
    }
    case 'unknown-round':
      throw unknownRound();
  }
}

/** @throws ApiError for a label that was not accepted. */
export function labelAnswer(result: SubmitResult) {
  switch (result.kind) {
    case 'accepted':
      return { labelId: result.labelId, submittedAt: result.submittedAt.toISOString() };
    case 'unknown-assignment':
      throw unknownAssignment();
    case 'conflict':
      throw conflict(result.why);
    case 'too-late':
      throw tooLate(WHY_TOO_LATE[result.why], true);
  }
}

const WHY_TOO_LATE: Record<TooLateReason, string> = {
  expired: 'the lease had expired and others have labelled the item',
  released: 'the assignment was released',
  skipped: 'the assignment was skipped',
  suspended: 'the lease had expired and you are suspended',
  'deadline-passed': 'the lease had expired and the round’s deadline has passed',
  'round-cancelled': 'the round was cancelled',
  'round-failed': 'the round failed',
};

/** @param kept what the labeller wrote is stored, though it does not count. */
export function tooLate(message: string, kept = false): ApiError {
  return new ApiError(410, 'too-late', message, { hint: 'ask for the next item', ...(kept && { kept }) });
}

type ConflictReason = Extract<SubmitResult, { kind: 'conflict' }>['why'] | 'other-code';

export function conflict(why: ConflictReason): ApiError {
  const [message, hint] = CONFLICTS[why];
  return new ApiError(409, 'conflict', message, { hint });
}

const CONFLICTS: Record<ConflictReason, readonly [message: string, hint: string]> = {
  'key-used': ['this Idempotency-Key was sent before with another request', 'take a new key for each label'],
  'already-submitted': ['this assignment has its label', 'undo takes it back while the lease lasts'],
  'newer-assignment': ['you hold a newer assignment on the same item', 'label that one'],
  'other-code': ['this assignment was skipped with another code', 'the first code stands'],
};

/** Somebody else's assignment is as unknown as one that never was. */
export function unknownAssignment(): ApiError {
  return new ApiError(404, 'unknown-assignment', 'you have no such assignment', { hint: 'ask for the next item' });
}

/** @throws ApiError for a text that is no assignment's id. */
export function assignmentIdOf(text: string): AssignmentId {
  if (!isUuid(text)) throw unknownAssignment();
  return text.toLowerCase() as AssignmentId;
}
