/** A labeller's acts as tests write them, straight on the queue, and a look at what they left behind. */
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Db } from '../../db/connection';
import { type Lease, type NextResult, next, type SubmitResult, submit } from '../../db/labelling';
import type { Answers, Verdict } from '../../domain/forms';
import type { AssignmentId, ItemId, LabelId, PersonId, RoundId } from '../../domain/ids';

export class Desk {
  constructor(
    private readonly db: Db,
    private readonly roundId: RoundId,
    readonly id: PersonId,
  ) {}

  next(): Promise<NextResult> {
    return next(this.db, { roundId: this.roundId, labellerId: this.id });
  }

  /** A lease, or an error that says why there is none. */
  async lease(): Promise<Lease> {
    const got = await this.next();
    if (got.kind !== 'leased') throw new Error(`no lease: ${JSON.stringify(got)}`);
    return got.lease;
  }

  submit(
    assignmentId: AssignmentId,
    { verdict = 'aligned', answers = { verdict }, unsure = false, ...given }: Submitted = {},
  ): Promise<SubmitResult> {
    const { key = randomUUID(), note = null, requestHash = verdict } = given;
    const labellerId = this.id;
    return submit(this.db, { assignmentId, labellerId, key, requestHash, answers, unsure, note });
  }

  /** Leases and labels one item. */
  async label(given: Verdict | Submitted = 'aligned'): Promise<Lease & { labelId: LabelId }> {
    const lease = await this.lease();
    const result = await this.submit(lease.assignmentId, typeof given === 'string' ? { verdict: given } : given);
    if (result.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(result)}`);
    return { ...lease, labelId: result.labelId };
  }

  /** Labels until there is nothing more now. @returns the items, in the order they came. */
  async drain(): Promise<ItemId[]> {
    const labelled: ItemId[] = [];
    for (;;) {
      const got = await this.next();
      if (got.kind !== 'leased') return labelled;
      const result = await this.submit(got.lease.assignmentId);
      if (result.kind === 'accepted') labelled.push(got.lease.itemId);
    }
  }
}

interface Submitted {
  verdict?: Verdict;
  answers?: Answers;
  unsure?: boolean;
  key?: string;
  note?: string | null;
  requestHash?: string;
}

/** Lets a lease's time pass. Nobody has marked it expired yet. */
export async function passTime(db: Db, assignmentId: AssignmentId): Promise<void> {
  await db.execute(sql`update assignments set expires_at = now() - interval '1 second' where id = ${assignmentId}`);
}

export async function slotsOf(db: Db, itemId: ItemId): Promise<{ slots: number; taken: number }> {
  const [row] = await db.execute<{ slots: number; taken: number }>(
    sql`select slots, taken from item_arms where item_id = ${itemId}`,
  );
  if (!row) throw new Error(`item ${itemId} has no slots`);
  return row;
}

/**
 * What no order of acts may break, as rows that break it: slots taken are the leased and submitted assignments, counted
 * labels are the submitted ones, and an open item with a free slot stands in the queue behind every labeller's cursor who
 * could still have it.
 */
export async function brokenRules(db: Db, roundId: RoundId): Promise<Record<string, unknown>[]> {
  return db.execute(sql`
    select 'slots' as rule, a.item_id as at, a.taken, a.slots from item_arms a
    where a.round_id = ${roundId} and (a.taken > a.slots or a.taken <> (
      select count(*) from assignments s where s.item_id = a.item_id and s.arm = a.arm and s.state in ('leased', 'submitted')))
    union all
    select 'labels', s.id, count(l.id), 1 from assignments s
    left join labels l on l.assignment_id = s.id and l.withdrawn_at is null
    where s.round_id = ${roundId} group by s.id having count(l.id) <> (case s.state when 'submitted' then 1 else 0 end)
    union all
    select 'reachable', i.id, m.cursor, null from items i
    join item_arms a on a.item_id = i.id and a.taken < a.slots
    join members m on m.round_id = i.round_id
    join labellers l on l.id = m.labeller_id and i.requirements <@ l.holds
    where i.round_id = ${roundId} and i.state = 'open'
      and not exists (select 1 from assignments own where own.labeller_id = m.labeller_id and own.round_id = i.round_id
        and own.prompt_id = i.prompt_id and case when own.item_id = i.id
          then own.state in ('leased', 'submitted', 'skipped') else own.one_per_prompt end)
      and not exists (select 1 from places p where p.item_id = i.id and p.arm = a.arm and p.place > m.cursor)`);
}
