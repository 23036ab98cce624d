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

const FIRST_PAGE = 128;
const LARGEST_PAGE = 2_048;
/** Items that would do, looked for at once: the first that nobody else holds is leased. */
const CANDIDATES = 8;

/**
 * Leases the first item after the cursor that this labeller may have, and moves the cursor on. Call with the member's row
 * locked. The cursor passes a place only if this labeller can never have the item there or all its slots are taken: then
 * a slot that is freed later has a later place. It stops before an item that another transaction holds just now.
 */
export async function walk(tx: Tx, member: Member): Promise<Walk> {
  const walked: Walk = { lease: undefined, lookedTo: member.cursor, busy: false };
  for (let size = FIRST_PAGE; ; size = Math.min(size * 4, LARGEST_PAGE)) {
    const page = await leaseFromPage(tx, member, walked.lookedTo, size, !walked.busy);
    walked.lookedTo = page.lookedTo;
    if (page.lease) return { ...walked, lease: page.lease, busy: false };
    walked.busy ||= page.candidates > 0;
    if (page.isLast) return walked;
  }
}

interface Page {
  lease: Lease | undefined;
  candidates: number;
  lookedTo: number;
  /** No place lies behind it. */
  isLast: boolean;
}

interface PageRow extends Record<string, unknown> {
  id: AssignmentId | null;
  item_id: ItemId | null;
  expires_ms: number | null;
  candidates: number;
  page_end: string | null;
  last_candidate: string | null;
  page_rows: number | null;
}

/**
 * Looks through the next `size` places until it has candidates enough, leases the first of them and moves the cursor, in
 * one statement. Rows that others hold are skipped, never waited for. What the labeller holds is read here, under the
 * member's lock, so that a change of it either comes before or resets the cursor after.
 *
 * A subquery with a limit is never flattened into a join: whatever the statistics say, Postgres goes down the places in
 * order, looks each item up by its key, and stops at the last candidate.
 */
async function leaseFromPage(tx: Tx, member: Member, after: number, size: number, moves: boolean): Promise<Page> {
  const { roundId, labellerId, arm, onePerPrompt, leaseMs } = member;
  const page = sql`
    select place, item_id from places
    where round_id = ${roundId} and arm = ${arm} and place > ${after}
    order by place limit ${sql.raw(String(size))}`;
  const [row] = await prepared<PageRow>(
    tx,
    `walk ${size}`,
    sql`
    with candidates as materialized (
      select page.place, fit.item_id, fit.prompt_id
      from (${page}) page
      cross join lateral (
        select a.item_id, i.prompt_id
        from item_arms a join items i on i.id = a.item_id
        where a.item_id = page.item_id and a.arm = ${arm} and a.taken < a.slots and i.state = 'open' and i.quarantined_at is null
          and i.requirements <@ (select holds from labellers where id = ${labellerId})
          and (${seenBy(member)}) is null
        limit 1) fit
      order by page.place limit ${sql.raw(String(CANDIDATES))}),
    chosen as (
      select c.* from candidates c join item_arms a on a.item_id = c.item_id and a.arm = ${arm}
      where a.taken < a.slots
      order by c.place limit 1
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
      select coalesce(
        (select min(place) - 1 from candidates where place is distinct from (select place from taken)),
        (select max(place) from (${page}) page)) as place),
    moved as (
      update members m set cursor = passed.place from passed
      where m.round_id = ${roundId} and m.labeller_id = ${labellerId} and m.cursor < passed.place and ${moves}::boolean)
    select leased.id, leased.item_id, (extract(epoch from leased.expires_at) * 1000)::float8 as expires_ms,
      (select count(*)::int from candidates) as candidates, (select max(place) from candidates) as last_candidate,
      case when leased.id is null then (select max(place) from (${page}) page) end as page_end,
      case when leased.id is null then (select count(*)::int from (${page}) page) end as page_rows
    from (values (1)) one left join leased on true`,
  );
  const candidates = row?.candidates ?? 0;
  const full = candidates === CANDIDATES;
  const end = (full ? row?.last_candidate : row?.page_end) ?? after;
  return {
    lease: leaseOf(row),
    candidates,
    lookedTo: Number(end),
    isLast: !full && (row?.page_rows ?? 0) < size,
  };
}

/**
 * Null if the labeller may still have the item `i`: it was never judged or skipped by them, nor, where a labeller sees one
 * completion of a prompt, another of its prompt. Looked up item by item: joined, it might be read from their whole past.
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
