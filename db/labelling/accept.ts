/** Accepting a label for an assignment in hand: the ordinary end of a submission. */
import { sql } from 'drizzle-orm';
import type { AssignmentId, LabelId, PersonId, RoundId } from '../../domain/ids';
import { atOnce } from '../atOnce';
import type { Db, Tx } from '../connection';
import { rowsOf, statement } from '../prepared';
import { reopenShard } from '../touch';
import { cameBetween } from './act';
import type { Submission, SubmitResult } from './submit';

type Accepted = Extract<SubmitResult, { kind: 'accepted' }>;

/**
 * Locks and accepts in statements sent together, so that those who judge the same item hardly wait for each other.
 * @returns undefined where anything is out of the ordinary: nothing was done, and `submit` looks at it step by step.
 */
export async function acceptAtOnce(db: Db, submission: Submission): Promise<Accepted | undefined> {
  if (submission.note) return undefined;
  try {
    const [label] = await atOnce(db, lockOwn(submission), acceptLabel(given(submission, null, false)));
    return label && acceptedAs(label);
  } catch (error) {
    if (cameBetween(error)) return undefined;
    throw error;
  }
}

/** The same inside an act that holds the locks and has found the assignment leased. A shard that was done is open again. */
export async function acceptHeld(tx: Tx, submission: Submission, noteHash: string | null): Promise<Accepted> {
  const [label] = await rowsOf(tx, acceptLabel(given(submission, noteHash, true)));
  if (!label) throw new Error('a label was not inserted');
  if (label.done) await reopenShard(tx, label.round_id, label.shard);
  return acceptedAs(label);
}

/** The locks of every act on an assignment, in their order: member, item, assignment. */
const lockOwn = statement<{ assignmentId: AssignmentId; labellerId: PersonId }, unknown>(
  ({ assignmentId, labellerId }) => sql`
  select 1 from assignments a
  join members m on m.round_id = a.round_id and m.labeller_id = a.labeller_id
  join items i on i.id = a.item_id
  where a.id = ${assignmentId} and a.labeller_id = ${labellerId}
  for no key update of m, i, a`,
);

interface LabelRow extends Record<string, unknown> {
  id: LabelId;
  at_ms: number;
  round_id: RoundId;
  shard: number;
  /** The shard was done. */
  done: boolean;
}

/**
 * The label, the end of its assignment, the item's mark and the shard's nudge. The assignment is read before its state is looked
 * at: Postgres would else look for it among all leases. No row where the assignment is not leased, the
 * round was called off, the key was used before, or the shard is done and may not be opened again here.
 */
const acceptLabel = statement<ReturnType<typeof given>, LabelRow>(
  (label) => sql`
  with own as materialized (
    select * from assignments where id = ${label.assignmentId} and labeller_id = ${label.labellerId}),
  held as materialized (
    select a.id, a.round_id, a.item_id, a.arm, a.labeller_id, r.form, r.manual_revision, i.shard, s.state = 'done' as done
    from own a
    join rounds r on r.id = a.round_id
    join items i on i.id = a.item_id
    join shards s on s.round_id = i.round_id and s.shard = i.shard
    where a.state = 'leased' and r.status not in ('cancelled', 'failed') and (s.state <> 'done' or ${label.mayReopen}::boolean)
      and not exists (
        select 1 from labels where labeller_id = ${label.labellerId} and idempotency_key = ${label.key})
      and not exists (
        select 1 from refused_labels where labeller_id = ${label.labellerId} and idempotency_key = ${label.key})),
  ended as (
    update assignments set state = 'submitted', ended_at = now() where id in (select id from held)),
  marked as (
    update items set touched = true where id in (select item_id from held)),
  nudged as (
    insert into outbox (round_id, shard) select round_id, shard from held),
  label as (
    insert into labels (assignment_id, round_id, item_id, arm, labeller_id, form, manual_revision, answers, unsure,
      note_hash, idempotency_key, request_hash)
    select id, round_id, item_id, arm, labeller_id, form, manual_revision, ${label.answers}::text::jsonb,
      ${label.unsure}::boolean, ${label.noteHash}, ${label.key}, ${label.requestHash}
    from held
    returning id, submitted_at)
  select label.id, (extract(epoch from label.submitted_at) * 1000)::float8 as at_ms, held.round_id, held.shard, held.done
  from label cross join held`,
);

function given({ answers, note: _, ...submission }: Submission, noteHash: string | null, mayReopen: boolean) {
  return { ...submission, answers: JSON.stringify(answers), noteHash, mayReopen };
}

function acceptedAs({ id, at_ms }: LabelRow): Accepted {
  return { kind: 'accepted', labelId: id, submittedAt: new Date(at_ms) };
}
