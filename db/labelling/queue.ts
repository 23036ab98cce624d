/**
 * A labeller's walk down the round's queue. It begins at the labeller's cursor, so it costs the same however much the
 * labeller has done and however long the queue is; only a latecomer passes, once, what others have filled.
 */
import { type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { AssignmentId, ItemId, PersonId, RoundId } from '../../domain/ids';
import { atOnce } from '../atOnce';
import type { Db, Tx } from '../connection';
import { rowsOf, statement } from '../prepared';
import { cameBetween } from './act';
import { LIVE_LEASES, liveLeasesOf } from './live';
import { MAY_LEASE, type Member } from './membership';

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

/** Places looked through at once: few at first, for most walks end soon. */
const PAGES = [128, 512, 2_048] as const;
type PageSize = (typeof PAGES)[number];
const FIRST_PAGE = PAGES[0];
const LARGEST_PAGE = PAGES[2];
/** Items that would do, looked for until one is found that nobody else holds at this moment. */
const CANDIDATES = 32;

/**
 * Leases the first item after the cursor that this labeller may have, and moves the cursor on. Call with the member's row
 * locked. The cursor passes a place only if this labeller can never have the item there or all its slots are taken: then
 * a slot that is freed later has a later place. It stops before an item that another transaction holds just now.
 */
export async function walk(tx: Tx, member: Member): Promise<Walk> {
  const walked: Walk = { lease: undefined, lookedTo: member.cursor, busy: false };
  for (let pages = 0; ; pages += 1) {
    const page = await leaseFromPage(tx, member, walked.lookedTo, PAGES[pages] ?? LARGEST_PAGE, !walked.busy);
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
  /** Absent or null where an item was leased. */
  candidates?: number | null;
  last_candidate?: string | null;
  page_end?: string | null;
  page_rows?: number | null;
}

/** Looks through the next `size` places, leases the first item that will do, and moves the cursor if it may be moved. */
async function leaseFromPage(tx: Tx, member: Member, after: number, size: PageSize, moves: boolean): Promise<Page> {
  const { roundId, labellerId, arm, onePerPrompt, leaseMs } = member;
  const [row] = await rowsOf(tx, PAGE[size]({ roundId, labellerId, arm, onePerPrompt, leaseMs, after, moves }));
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
 * The ordinary walk, in statements sent together: locks the member, leases from the first page. @returns undefined where anything is
 * out of the ordinary (the labeller has not joined, may not have an item now, holds enough, or finds nothing there): then
 * `next` looks step by step.
 */
export async function leaseAtOnce(
  db: Db,
  labeller: { roundId: RoundId; labellerId: PersonId },
): Promise<Lease | undefined> {
  try {
    const [row] = await atOnce(db, lockOwn(labeller), firstPage(labeller));
    return leaseOf(row);
  } catch (error) {
    if (cameBetween(error)) return undefined;
    throw error;
  }
}

const lockOwn = statement<{ roundId: RoundId; labellerId: PersonId }, unknown>(
  ({ roundId, labellerId }) => sql`
  select set_config('plumbline.member', 'locked', true)
  from (select 1 from members where round_id = ${roundId} and labeller_id = ${labellerId} for update) own`,
);

/**
 * The walk of the member `me`, if they may have an item now: what is asked of them is read under the member's lock. Somebody who
 * joins between the two statements is not locked, and looked at step by step.
 */
const firstPage = statement<{ roundId: RoundId; labellerId: PersonId }, PageRow>(({ roundId, labellerId }) => {
  const mine = (column: string) => sql.raw(`(select ${column} from me)`);
  const me = sql`
    me as materialized (
      select m.arm, m.cursor, (r.spec->>'onePerPrompt')::boolean as one_per_prompt,
        (r.settings->>'leaseMs')::float8 as lease_ms
      from members m
      join rounds r on r.id = m.round_id
      join labellers l on l.id = m.labeller_id
      join people p on p.id = l.id
      where m.round_id = ${roundId} and m.labeller_id = ${labellerId} and ${MAY_LEASE}
        and current_setting('plumbline.member', true) = 'locked'
        and (select count(*) from (${liveLeasesOf({ roundId, labellerId })}) live) < ${sql.raw(String(LIVE_LEASES))}),`;
  const walker = { arm: mine('arm'), onePerPrompt: mine('one_per_prompt'), leaseMs: mine('lease_ms') };
  const walk = { roundId, labellerId, ...walker, after: mine('cursor'), moves: sql`true` };
  return walkOf(FIRST_PAGE, walk, { before: me });
});

/** What a walk needs to know; in a statement, where it is found. */
interface Walking {
  roundId: RoundId;
  labellerId: PersonId;
  arm: string;
  onePerPrompt: boolean;
  leaseMs: number;
  after: number;
  moves: boolean;
}
type Walker = Record<keyof Walking, SQL | Placeholder>;

/** A page of a walk that tells how far it looked, where it leased nothing. */
function pageOf(size: PageSize) {
  return statement<Walking, PageRow>((walking) => {
    const { roundId, arm, after } = walking;
    const page = placesOf(size, { roundId, arm, after });
    const andElse = sql`,
      case when leased.id is null then (select count(*)::int from candidates) end as candidates,
      case when leased.id is null then (select max(place) from candidates) end as last_candidate,
      case when leased.id is null then (select max(place) from (${page}) page) end as page_end,
      case when leased.id is null then (select count(*)::int from (${page}) page) end as page_rows`;
    return walkOf(size, walking, { andElse });
  });
}
const PAGE = { 128: pageOf(128), 512: pageOf(512), 2048: pageOf(2_048) };

/**
 * Looks through the places of a page until it has candidates enough, leases the first of them and moves the cursor, in
 * one statement. Rows that others hold are skipped, never waited for. What the labeller holds is read here, under the
 * member's lock, so that a change of it either comes before or resets the cursor after.
 *
 * A subquery with a limit is never flattened into a join: whatever the statistics say, Postgres goes down the places in
 * order, looks each item up by its key, and stops at the last candidate; from version 17 on at the first that is free.
 */
function walkOf(size: PageSize, walker: Walker, { before = sql``, andElse = sql`` } = {}): SQL {
  const { roundId, labellerId, arm, onePerPrompt, leaseMs, after, moves } = walker;
  const page = placesOf(size, { roundId, arm, after });
  return sql`
    with ${before} candidates as materialized (
      select page.place, fit.item_id, fit.prompt_id, row_number() over (order by page.place) as nth
      from (${page}) page
      cross join lateral (
        select a.item_id, i.prompt_id
        from item_arms a join items i on i.id = a.item_id
        where a.item_id = page.item_id and a.arm = ${arm} and a.taken < a.slots and i.state = 'open' and i.quarantined_at is null
          and i.redacted_at is null
          and i.requirements <@ (select holds from labellers where id = ${labellerId} and suspended_at is null)
          and (${seenBy(walker)}) is null
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
      returning chosen.place, chosen.item_id, chosen.prompt_id, chosen.nth),
    leased as (
      insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, one_per_prompt, expires_at)
      select ${roundId}, item_id, prompt_id, ${arm}, ${labellerId}, ${onePerPrompt},
        now() + ${leaseMs} * interval '1 millisecond'
      from taken
      returning id, item_id, expires_at),
    passed as materialized (
      select coalesce(
        (select place from taken where nth = 1),
        (select min(place) - 1 from candidates),
        (select max(place) from (${page}) page)) as place),
    moved as (
      update members m set cursor = passed.place from passed
      where m.round_id = ${roundId} and m.labeller_id = ${labellerId} and m.cursor < passed.place and ${moves}::boolean)
    select leased.id, leased.item_id, (extract(epoch from leased.expires_at) * 1000)::float8 as expires_ms${andElse}
    from (values (1)) one left join leased on true`;
}

function placesOf(size: PageSize, { roundId, arm, after }: Pick<Walker, 'roundId' | 'arm' | 'after'>): SQL {
  return sql`
    select place, item_id from places
    where round_id = ${roundId} and arm = ${arm} and place > ${after}
    order by place limit ${sql.raw(String(size))}`;
}

/**
 * Null if the labeller may still have the item `i`: it was never judged or skipped by them, nor, where a labeller sees one
 * completion of a prompt, another of its prompt. Looked up item by item: joined, it might be read from their whole past.
 */
export function seenBy({ roundId, labellerId, onePerPrompt }: Record<SeenBy, unknown>): SQL {
  return sql`
    select true from assignments own
    where own.round_id = ${roundId} and own.labeller_id = ${labellerId} and own.prompt_id = i.prompt_id
      and case when own.item_id = i.id then own.state in ('leased', 'submitted', 'skipped')
          else ${onePerPrompt}::boolean end
    limit 1`;
}

type SeenBy = 'roundId' | 'labellerId' | 'onePerPrompt';

function leaseOf(row: PageRow | undefined): Lease | undefined {
  if (!row || row.id === null || row.item_id === null || row.expires_ms === null) return undefined;
  return { assignmentId: row.id, itemId: row.item_id, expiresAt: new Date(row.expires_ms) };
}
