/**
 * Where a round stands, counted cheaply enough to be asked for every second. What depends on the moment of asking alone is
 * named in `withoutClocks`: all else is the same for whoever asks while nothing happens.
 */
import { eq, sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import { type ShownStatus, shownStatus } from '../../domain/pausing';
import { itemsOf } from '../../domain/spec';
import type { ItemState, ShardState } from '../../domain/states';
import type { Tx } from '../connection';
import { modelCosts } from '../costs/calls';
import { type Spending, spendingOf } from '../costs/spending';
import { rounds } from '../schema';
import { type AccountStanding, accountsOfRound } from './accounts';
import { labellersAtWork, type Staff, staffOf } from './atWork';
import { type Parked, parkedOf } from './parked';
import { isSimulated } from './simulated';
import { type Standstill, standstillOf } from './standstill';
import { type Starved, starvedItems, sumOf } from './starved';
import { type UnjudgedModel, unjudgedModels } from './unjudged';

export interface RoundStanding {
  roundId: RoundId;
  name: string;
  status: ShownStatus;
  statusReason: string | null;
  needsAttention: string | null;
  /** A model or a labeller of the round is simulated. */
  simulated: boolean;
  /** Why it stands still; null: it goes on. */
  pause: Standstill | null;
  /** The schedule whose run it is. */
  schedule: string | null;
  items: {
    /** That the round has or will have. */
    total: number;
    generated: number;
    failed: number;
    open: number;
    contested: number;
    settled: number;
    unresolved: number;
    /** Possibly illegal: they overlap the others. */
    quarantined: number;
  };
  /** Failed items and parked models. */
  parked: Parked;
  labels: {
    /** Not withdrawn. */
    counted: number;
    /** If every item that has not failed gets its overlap, and those that somebody was unsure of what was asked beyond it. */
    wanted: number;
  };
  /** Who has an item in hand, or labelled in the last five minutes. */
  labellers: { atWork: PersonId[] };
  /** `retrying`: of those in flight, the ones that are not the first for what they ask. */
  calls: { inFlight: number; retrying: number; retried: number; rateLimited: number };
  /** What calls have cost, and are likely to. */
  spending: Spending;
  /** Of the round's models. */
  accounts: AccountStanding[];
  /** Models whose items people give back. */
  unjudged: UnjudgedModel[];
  /** Who may do what waits for a person. */
  staff: Staff;
  shards: Record<ShardState, number>;
  /** Accounts of the round that take no calls now. */
  waitingAccounts: { accountId: string; blocked: string | null; seconds: number }[];
  /** Messages to the round's workflows that nobody has delivered. */
  undelivered: { waiting: number; parked: number; oldestSeconds: number };
  secondsToDeadline: number;
  /** Open items that nobody is left to label; null where there are too many open ones to look. */
  starved: number | null;
  /** The same by what they ask of their labellers, the most frequent first. */
  starvedAsks: Starved[];
}

const LOOKED_AT = 5_000;

/** @returns undefined for an id that no round has. */
export async function roundStanding(tx: Tx, roundId: RoundId): Promise<RoundStanding | undefined> {
  const secondsToDeadline = sql<number>`extract(epoch from ${rounds.deadlineAt} - now())::float8`;
  const [row] = await tx.select({ round: rounds, secondsToDeadline }).from(rounds).where(eq(rounds.id, roundId));
  if (!row) return undefined;
  const { round } = row;
  const { total, ...items } = await itemCounts(tx, roundId, itemsOf(round.spec));
  const accounts = await accountsOfRound(tx, round);
  const starved = items.open > 0 && items.open <= LOOKED_AT ? await starvedItems(tx, round) : [];
  return {
    roundId,
    name: round.name,
    status: shownStatus(round),
    statusReason: round.statusReason,
    needsAttention: round.needsAttention,
    simulated: await isSimulated(tx, roundId),
    pause: await standstillOf(tx, round),
    schedule: round.schedule,
    items: { total, ...items },
    parked: await parkedOf(tx, roundId),
    labels: {
      counted: await countedLabels(tx, roundId),
      wanted:
        (total - items.failed) * round.spec.resolving.overlap +
        (await askedAgain(tx, roundId, round.spec.resolving.overlap)),
    },
    labellers: { atWork: await labellersAtWork(tx, roundId) },
    calls: await callCounts(tx, roundId),
    spending: await spendingOf(tx, round, await modelCosts(tx, roundId, round.spec, round.settings)),
    accounts,
    unjudged: await unjudgedModels(tx, roundId),
    staff: await staffOf(tx),
    shards: await shardCounts(tx, roundId),
    waitingAccounts: accounts
      .filter(({ blocked, waitSeconds }) => blocked !== null || waitSeconds > 0)
      .map(({ accountId, blocked, waitSeconds }) => ({ accountId, blocked, seconds: waitSeconds })),
    undelivered: await undelivered(tx, roundId),
    starved: items.open > LOOKED_AT ? null : sumOf(starved),
    starvedAsks: starved,
    secondsToDeadline: row.secondsToDeadline,
  };
}

async function itemCounts(tx: Tx, roundId: RoundId, planned: number): Promise<RoundStanding['items']> {
  const rows = await tx.execute<{ state: ItemState; n: number; generated: number; quarantined: number }>(sql`
    select state, count(*)::int as n, count(completion_hash)::int as generated, count(quarantined_at)::int as quarantined
    from items where round_id = ${roundId} group by state`);
  const of = (...states: ItemState[]) =>
    rows.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + row.n, 0);
  return {
    total: planned,
    generated: rows.reduce((sum, row) => sum + row.generated, 0),
    failed: of('failed'),
    open: of('generated', 'open'),
    contested: of('contested'),
    settled: of('settled'),
    unresolved: of('unresolved'),
    quarantined: rows.reduce((sum, row) => sum + row.quarantined, 0),
  };
}

async function countedLabels(tx: Tx, roundId: RoundId): Promise<number> {
  const [row] = await tx.execute<{ n: number }>(sql`
    select count(*)::int as n from labels where round_id = ${roundId} and withdrawn_at is null`);
  return row?.n ?? 0;
}

/** Labels asked for beyond the overlap. */
async function askedAgain(tx: Tx, roundId: RoundId, overlap: number): Promise<number> {
  const [row] = await tx.execute<{ n: number }>(sql`
    select coalesce(sum(slots - ${overlap}::int), 0)::int as n from item_arms where round_id = ${roundId}`);
  return row?.n ?? 0;
}

async function callCounts(tx: Tx, roundId: RoundId): Promise<RoundStanding['calls']> {
  const [row] = await tx.execute<Record<'in_flight' | 'retrying' | 'retried' | 'rate_limited', number>>(sql`
    with flying as (
      select item_id, turn, try from generation_calls
      where round_id = ${roundId} and outcome is null and claim_until > now())
    select (select count(*)::int from flying) as in_flight,
      (select count(*)::int from flying f where exists (
        select 1 from generation_calls b where b.item_id = f.item_id and b.turn = f.turn and b.try < f.try)) as retrying,
      count(*) filter (where outcome = 'retryable')::int as retried,
      count(*) filter (where outcome = 'rate-limited')::int as rate_limited
    from generation_calls where round_id = ${roundId}`);
  return {
    inFlight: row?.in_flight ?? 0,
    retrying: row?.retrying ?? 0,
    retried: row?.retried ?? 0,
    rateLimited: row?.rate_limited ?? 0,
  };
}

async function shardCounts(tx: Tx, roundId: RoundId): Promise<Record<ShardState, number>> {
  const rows = await tx.execute<{ state: ShardState; n: number }>(sql`
    select state, count(*)::int as n from shards where round_id = ${roundId} group by state`);
  const counts = { waiting: 0, generating: 0, labelling: 0, done: 0 };
  for (const row of rows) counts[row.state] = row.n;
  return counts;
}

async function undelivered(tx: Tx, roundId: RoundId): Promise<RoundStanding['undelivered']> {
  const [row] = await tx.execute<{ waiting: number; parked: number; oldest: number }>(sql`
    select count(*) filter (where parked_at is null)::int as waiting,
      count(*) filter (where parked_at is not null)::int as parked,
      coalesce(extract(epoch from now() - min(created_at) filter (where parked_at is null)), 0)::float8 as oldest
    from outbox where round_id = ${roundId}`);
  return { waiting: row?.waiting ?? 0, parked: row?.parked ?? 0, oldestSeconds: row?.oldest ?? 0 };
}

/** For telling whether anything has happened. */
export function withoutClocks({
  secondsToDeadline: _,
  undelivered,
  waitingAccounts,
  accounts,
  ...standing
}: RoundStanding) {
  return {
    ...standing,
    undelivered: { waiting: undelivered.waiting > 0, parked: undelivered.parked },
    waitingAccounts: waitingAccounts.map(({ seconds: _seconds, ...account }) => account),
    accounts: accounts.map(({ waitSeconds: _seconds, ...account }) => account),
  };
}
