/** The round's shards as its workflow sees them: who may generate next, and whether all are done. */
import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { isUuid, type RoundId } from '../../domain/ids';
import { isPaused } from '../../domain/pausing';
import type { RefusedAct, RoundProgress } from '../../domain/progress';
import type { ItemState, ShardState } from '../../domain/states';
import type { Db, Tx } from '../connection';
import { callForAttention, nothingToAttend } from '../generation/attention';
import { nudgeShard } from '../outbox';
import { audit, items, people, rounds, shards } from '../schema';
import { lockRound } from './read';

/** Lets waiting shards into the window of generating ones, and says where the round stands. */
export async function advanceShards(db: Db, roundId: RoundId): Promise<RoundProgress> {
  // Not under the round's lock, for which all paid calls wait.
  const ofItems = await itemCounts(db, roundId);
  return db.transaction(async (tx) => {
    const round = await lockRound(tx, roundId);
    const live = round.status === 'running' || round.status === 'measuring';
    const counts = await shardCounts(tx, roundId);
    const room = live && !isPaused(round) ? Math.max(0, round.settings.timings.window - counts.generating) : 0;
    const entered = await enterWindow(tx, roundId, Math.min(room, counts.waiting));
    counts.waiting -= entered;
    counts.generating += entered;
    const allDone = counts.waiting + counts.generating + counts.labelling === 0;
    const refused = await newestRefusals(tx, roundId);
    return {
      status: round.status,
      ended: !live && round.status !== 'opening',
      measurable: live && round.drawnAt !== null && allDone,
      starting: live ? await notBegun(tx, roundId) : [],
      shards: counts,
      items: ofItems,
      msToDeadline: await msToDeadline(tx, roundId),
      needsAttention: round.needsAttention,
      ...(isPaused(round) && { paused: true }),
      ...(refused.length > 0 && { refused }),
    };
  });
}

async function enterWindow(tx: Tx, roundId: RoundId, room: number): Promise<number> {
  if (room === 0) return 0;
  const next = tx
    .select({ shard: shards.shard })
    .from(shards)
    .where(and(eq(shards.roundId, roundId), eq(shards.state, 'waiting')))
    .orderBy(shards.shard)
    .limit(room);
  const entered = await tx
    .update(shards)
    .set({ state: 'generating' })
    .where(and(eq(shards.roundId, roundId), inArray(shards.shard, next)))
    .returning({ shard: shards.shard });
  return entered.length;
}

/** Shards in the window whose workflow has not looked at them yet: named again until it has. */
async function notBegun(tx: Tx, roundId: RoundId): Promise<number[]> {
  const rows = await tx
    .select({ shard: shards.shard })
    .from(shards)
    .where(and(eq(shards.roundId, roundId), eq(shards.state, 'generating'), isNull(shards.begunAt)))
    .orderBy(shards.shard);
  return rows.map((row) => row.shard);
}

/** Said by a shard's workflow when it begins. */
export async function markBegun(db: Db, roundId: RoundId, shard: number): Promise<void> {
  await db
    .update(shards)
    .set({ begunAt: sql`now()` })
    .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard), isNull(shards.begunAt)));
}

async function shardCounts(tx: Tx, roundId: RoundId): Promise<Record<ShardState, number>> {
  const rows = await tx
    .select({ state: shards.state, n: sql<number>`count(*)::int` })
    .from(shards)
    .where(eq(shards.roundId, roundId))
    .groupBy(shards.state);
  return { waiting: 0, generating: 0, labelling: 0, done: 0, ...Object.fromEntries(rows.map((r) => [r.state, r.n])) };
}

/** Counting a very large round's items at every wake would cost more than the line in Temporal's pages is worth. */
const COUNTED_ITEMS = 5_000;

async function itemCounts(tx: Tx, roundId: RoundId): Promise<Partial<Record<ItemState, number>> | null> {
  const [last] = await tx
    .select({ n: sql<number>`coalesce(max(position), 0)::int` })
    .from(items)
    .where(eq(items.roundId, roundId));
  if ((last?.n ?? 0) > COUNTED_ITEMS) return null;
  const rows = await tx
    .select({ state: items.state, n: sql<number>`count(*)::int` })
    .from(items)
    .where(eq(items.roundId, roundId))
    .groupBy(items.state);
  return Object.fromEntries(rows.map((row) => [row.state, row.n]));
}

const REFUSALS = { shown: 3, hours: 24, amongActs: 1_000 };

/** Looks at the round's newest acts only: the workflow asks at every wake. */
async function newestRefusals(tx: Tx, roundId: RoundId): Promise<RefusedAct[]> {
  const newest = tx
    .select()
    .from(audit)
    .where(eq(audit.roundId, roundId))
    .orderBy(desc(audit.id))
    .limit(REFUSALS.amongActs)
    .as('newest');
  const rows = await tx
    .select({
      at: newest.at,
      /** The workflow itself, or somebody who is known: anything else may be a text. */
      actor: sql<string>`case when ${newest.actor} = 'temporal' then ${newest.actor} else coalesce(${people.id}, '-') end`,
      action: newest.action,
      subject: newest.subject,
      detail: newest.detail,
    })
    .from(newest)
    .leftJoin(people, sql`${people.id} = ${newest.actor}`)
    .where(sql`${newest.refused} and ${newest.at} > now() - ${REFUSALS.hours} * interval '1 hour'`)
    .orderBy(desc(newest.id))
    .limit(REFUSALS.shown);
  return rows.map(({ at, actor, action, subject, detail }) => ({
    at: at.toISOString(),
    actor,
    action,
    // What a command was given may be a name; what came by signal Temporal has already.
    subject: isUuid(subject) || detail.via === 'signal' ? subject : null,
    code: typeof detail.code === 'string' ? detail.code : null,
  }));
}

async function msToDeadline(tx: Tx, roundId: RoundId): Promise<number> {
  const [row] = await tx
    .select({ ms: sql<number>`(extract(epoch from ${rounds.deadlineAt} - now()) * 1000)::float8` })
    .from(rounds)
    .where(eq(rounds.id, roundId));
  return row?.ms ?? 0;
}

/** Tells every shard that is not done that the deadline has passed: each ends its own items. */
export async function closeAtDeadline(db: Db, roundId: RoundId): Promise<void> {
  await db.execute(sql`
    insert into outbox (round_id, shard)
    select round_id, shard from shards where round_id = ${roundId} and state <> 'done' order by shard`);
}

/** A shard whose workflow should be alive, oldest look first. */
export async function shardsToCheck(db: Db, roundId: RoundId, limit: number): Promise<number[]> {
  const rows = await db.execute<{ shard: number }>(sql`
    update shards set checked_at = now() where round_id = ${roundId} and shard in (
      select shard from shards where round_id = ${roundId} and state in ('generating', 'labelling')
      order by checked_at nulls first, shard limit ${limit})
    returning shard`);
  return rows.map((row) => row.shard).sort((a, b) => a - b);
}

/** How often a shard is woken before a person is asked to look. */
const WAKES_BEFORE_ATTENTION = 3;

/** Wakes a shard whose workflow is closed though its row is not done. */
export function reviveShard(db: Db, roundId: RoundId, shard: number): Promise<void> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .update(shards)
      .set({ wakes: sql`${shards.wakes} + 1` })
      .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard), sql`state in ('generating', 'labelling')`))
      .returning({ wakes: shards.wakes });
    if (!row) return;
    await nudgeShard(tx, roundId, shard);
    if (row.wakes < WAKES_BEFORE_ATTENTION) return;
    const mark = `shard ${shard} had to be woken`;
    await nothingToAttend(tx, `${mark} `, roundId);
    await callForAttention(tx, roundId, `${mark} ${row.wakes} times: see its workflow in Temporal`);
  });
}
