/**
 * A labeller's walk down the round's queue. It begins at the labeller's cursor, so it costs the same however much the
 * labeller has done and however long the queue is; only a latecomer passes, once, what others have filled.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { AssignmentId, ItemId } from '../../domain/ids';
import type { Tx } from '../connection';
import { prepared } from '../prepared';
import type { Member } from './membership';

export interface Lease {
  assignmentId: AssignmentId;
  itemId: ItemId;
  expiresAt: Date;
}

export interface Walk {
  lease: Lease | undefined;
  /** The last place that was looked at. */
  lookedTo: number;
  /** Some item would have done, but another transaction held its slots at this moment. */
  busy: boolean;
}

const FIRST_PAGE = 16;
const LARGEST_PAGE = 2_048;

/**
 * Leases the first item after the cursor that this labeller may have, and moves the cursor on. Call with the member's row
 * locked. The cursor passes a place only if this labeller can never have the item there or all its slots are taken: then
 * a slot that is freed later has a later place. It stops before an item that another transaction holds just now.
 */
export async function walk(tx: Tx, member: Member): Promise<Walk> {
  const walked: Walk = { lease: undefined, lookedTo: member.cursor, busy: false };
  for (let size = FIRST_PAGE; ; size = Math.min(size * 4, LARGEST_PAGE)) {
    const page = await leaseFromPage(tx, member, walked.lookedTo, size, !walked.busy);
    walked.lookedTo = page.end ?? walked.lookedTo;
    if (page.lease) return { ...walked, lease: page.lease, busy: false };
    walked.busy ||= page.fits;
    if (page.rows < size) return walked;
  }
}

interface Page {
  lease: Lease | undefined;
  /** Some item would do, by the statement's snapshot. */
  fits: boolean;
  /** Its last place, and how many it has. */
  end: number | undefined;
  rows: number;
}

interface PageRow extends Record<string, unknown> {
  id: AssignmentId | null;
  item_id: ItemId | null;
  expires_ms: number | null;
  fits: boolean;
  page_end: string | null;
  page_rows: number;
}

/**
 * Looks through the next `size` places, leases the first item that will do and moves the cursor, in one statement. Rows
 * that others hold are skipped, never waited for. What the labeller holds is read here, under the member's lock, so that
 * a change of it either comes before or resets the cursor after.
 */
async function leaseFromPage(tx: Tx, member: Member, after: number, size: number, moves: boolean): Promise<Page> {
  const { roundId, labellerId, arm, onePerPrompt, leaseMs } = member;
  const [row] = await prepared<PageRow>(
    tx,
    `walk ${size}`,
    sql`
    with page as materialized (
      select place, item_id from places
      where round_id = ${roundId} and arm = ${arm} and place > ${after}
      order by place limit ${sql.raw(String(size))}),
    fit as materialized (
      select page.place, i.id as item_id, i.prompt_id
      from page
      join item_arms a on a.item_id = page.item_id and a.arm = ${arm}
      join items i on i.id = page.item_id
      where a.taken < a.slots and i.state = 'open'
        and i.requirements <@ (select holds from labellers where id = ${labellerId})
        and (${seenBy(member)}) is null),
    chosen as (
      select fit.* from fit join item_arms a on a.item_id = fit.item_id and a.arm = ${arm}
      where a.taken < a.slots
      order by fit.place limit 1
      for no key update of a skip locked),
    taken as (
      update item_arms a set taken = a.taken + 1 from chosen
      where a.item_id = chosen.item_id and a.arm = ${arm}
      returning chosen.place, chosen.item_id, chosen.prompt_id),
    leased as (
      insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, one_per_prompt, expires_at)
      select ${roundId}, item_id, prompt_id, ${arm}, ${labellerId}, ${onePerPrompt},
        now() + ${leaseMs} * interval '1 millisecond'
      from taken
      returning id, item_id, expires_at),
    passed as (
      select coalesce((select min(place) - 1 from fit where place is distinct from (select place from taken)),
        (select max(place) from page)) as place),
    moved as (
      update members m set cursor = passed.place from passed
      where m.round_id = ${roundId} and m.labeller_id = ${labellerId} and m.cursor < passed.place and ${moves}::boolean)
    select leased.id, leased.item_id, (extract(epoch from leased.expires_at) * 1000)::float8 as expires_ms,
      exists (select 1 from fit) as fits,
      (select max(place) from page) as page_end, (select count(*)::int from page) as page_rows
    from (values (1)) one left join leased on true`,
  );
  return {
    lease: leaseOf(row),
    fits: row?.fits ?? false,
    end: row?.page_end ? Number(row.page_end) : undefined,
    rows: row?.page_rows ?? 0,
  };
}

/**
 * Null if the labeller may still have the item `i`: it was never judged or skipped by them, nor, where a labeller sees one
 * completion of a prompt, another of its prompt. A subquery with a limit is looked up item by item, in the index by
 * prompt: joined, it might be read from the labeller's whole past.
 */
export function seenBy({ roundId, labellerId, onePerPrompt }: Member): SQL {
  return sql`
    select true from assignments own
    where own.round_id = ${roundId} and own.labeller_id = ${labellerId} and own.prompt_id = i.prompt_id
      and case when own.item_id = i.id then own.state in ('leased', 'submitted', 'skipped')
          else ${onePerPrompt}::boolean end
    limit 1`;
}

function leaseOf(row: PageRow | undefined): Lease | undefined {
  if (!row || row.id === null || row.item_id === null || row.expires_ms === null) return undefined;
  return { assignmentId: row.id, itemId: row.item_id, expiresAt: new Date(row.expires_ms) };
}
