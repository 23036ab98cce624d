/** Where a round stands, counted cheaply enough to be asked for every second. */
import { eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { itemsOf } from '../../domain/spec';
import type { ItemState, RoundStatus, ShardState } from '../../domain/states';
import type { Tx } from '../connection';
import { rounds } from '../schema';
import { countStarved } from './starved';

export interface RoundStanding {
  roundId: RoundId;
  name: string;
  status: RoundStatus | 'paused';
  statusReason: string | null;
  needsAttention: string | null;
  items: {
    /** That the round has or will have. */
    total: number;
    generated: number;
    failed: number;
    open: number;
    contested: number;
    settled: number;
    unresolved: number;
  };
  labels: {
    /** Not withdrawn. */
    counted: number;
    /** If every item that has not failed gets its overlap, and those that somebody was unsure of what was asked beyond it. */
    wanted: number;
  };
  calls: { inFlight: number; retried: number; rateLimited: number };
  shards: Record<ShardState, number>;
  /** Accounts of the round that take no calls now. */
  waitingAccounts: { accountId: string; blocked: string | null; seconds: number }[];
  /** Messages to the round's workflows that nobody has delivered. */
  undelivered: { waiting: number; parked: number; oldestSeconds: number };
  secondsToDeadline: number;
  /** Open items that nobody is left to label; null where there are too many open ones to look. */
  starved: number | null;
}

const LOOKED_AT = 5_000;

/** @returns undefined for an id that no round has. */
export async function roundStanding(tx: Tx, roundId: RoundId): Promise<RoundStanding | undefined> {
  const secondsToDeadline = sql<number>`extract(epoch from ${rounds.deadlineAt} - now())::float8`;
  const [row] = await tx.select({ round: rounds, secondsToDeadline }).from(rounds).where(eq(rounds.id, roundId));
  if (!row) return undefined;
  const { round } = row;
  const { total, ...items } = await itemCounts(tx, roundId, itemsOf(round.spec));
  return {
    roundId,
    name: round.name,
    status: round.pausedAt && round.status === 'running' ? 'paused' : round.status,
    statusReason: round.statusReason,
    needsAttention: round.needsAttention,
    items: { total, ...items },
    labels: {
      counted: await countedLabels(tx, roundId),
      wanted:
        (total - items.failed) * round.spec.resolving.overlap +
        (await askedAgain(tx, roundId, round.spec.resolving.overlap)),
    },
    calls: await callCounts(tx, roundId),
    shards: await shardCounts(tx, roundId),
    waitingAccounts: await waitingAccounts(tx, roundId),
    undelivered: await undelivered(tx, roundId),
    starved: items.open > LOOKED_AT ? null : items.open === 0 ? 0 : await countStarved(tx, round),
    secondsToDeadline: row.secondsToDeadline,
  };
}

async function itemCounts(tx: Tx, roundId: RoundId, planned: number): Promise<RoundStanding['items']> {
  const rows = await tx.execute<{ state: ItemState; n: number; generated: number }>(sql`
    select state, count(*)::int as n, count(completion_hash)::int as generated
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
  const [row] = await tx.execute<{ in_flight: number; retried: number; rate_limited: number }>(sql`
    select count(*) filter (where outcome is null and claim_until > now())::int as in_flight,
      count(*) filter (where outcome = 'retryable')::int as retried,
      count(*) filter (where outcome = 'rate-limited')::int as rate_limited
    from generation_calls where round_id = ${roundId}`);
  return { inFlight: row?.in_flight ?? 0, retried: row?.retried ?? 0, rateLimited: row?.rate_limited ?? 0 };
}

async function shardCounts(tx: Tx, roundId: RoundId): Promise<Record<ShardState, number>> {
  const rows = await tx.execute<{ state: ShardState; n: number }>(sql`
    select state, count(*)::int as n from shards where round_id = ${roundId} group by state`);
  const counts = { waiting: 0, generating: 0, labelling: 0, done: 0 };
  for (const row of rows) counts[row.state] = row.n;
  return counts;
}

async function waitingAccounts(tx: Tx, roundId: RoundId): Promise<RoundStanding['waitingAccounts']> {
  const rows = await tx.execute<{ id: string; blocked_code: string | null; seconds: number }>(sql`
    select a.id, a.blocked_code, greatest(0, coalesce(extract(epoch from a.not_before - now()), 0))::float8 as seconds
    from accounts a
    where a.id in (select m->>'accountId' from rounds r, jsonb_array_elements(r.spec->'models') m where r.id = ${roundId})
      and (a.blocked_code is not null or a.not_before > now())
    order by a.id`);
  return rows.map((row) => ({ accountId: row.id, blocked: row.blocked_code, seconds: row.seconds }));
}

async function undelivered(tx: Tx, roundId: RoundId): Promise<RoundStanding['undelivered']> {
  const [row] = await tx.execute<{ waiting: number; parked: number; oldest: number }>(sql`
    select count(*) filter (where parked_at is null)::int as waiting,
      count(*) filter (where parked_at is not null)::int as parked,
      coalesce(extract(epoch from now() - min(created_at) filter (where parked_at is null)), 0)::float8 as oldest
    from outbox where round_id = ${roundId}`);
  return { waiting: row?.waiting ?? 0, parked: row?.parked ?? 0, oldestSeconds: row?.oldest ?? 0 };
}
