/** Opening generated items for labelling, in the shuffled order. */
import { and, eq, inArray, sql } from 'drizzle-orm';
import { type ItemId, MAIN, type RoundId } from '../../domain/ids';
import type { Db, Tx } from '../connection';
import { nudgeRound } from '../outbox';
import { givePlaces } from '../places';
import { prepared } from '../prepared';
import { withholdRedacted } from '../redaction';
import { readRound } from '../rounds/read';
import { shards } from '../schema';

/** An account that refuses, or may not be called, for longer than this keeps nobody waiting: the shard opens without it. */
const LONG_WAIT_SECONDS = 5;

/**
 * Opens what is generated once nothing more is expected soon: no item is pending, or the pending ones wait for an
 * account, a parked model, or their round, which stands still. With the first opening the shard leaves the window of generating ones. Idempotent.
 * @returns how many were opened now and how many have no completion yet.
 */
export function openItems(db: Db, roundId: RoundId, shard: number): Promise<{ opened: number; pending: number }> {
  return db.transaction(async (tx) => {
    const round = await readRound(tx, roundId);
    if (round.status !== 'running' && round.status !== 'measuring') return { opened: 0, pending: 0 };
    await withholdRedacted(tx, roundId, shard);
    const { pending, soon } = await pendingItems(tx, roundId, shard);
    if (soon > 0) return { opened: 0, pending };
    const opened = await open(tx, roundId, shard, round.spec.resolving.overlap);
    await leaveWindow(tx, roundId, shard);
    await noteOpened(tx, roundId, shard, { opened: opened.length, pending });
    await givePlaces(tx, roundId, MAIN, opened);
    return { opened: opened.length, pending };
  });
}

/** Items without a completion, and those of them that can be called for now or in a moment. */
async function pendingItems(tx: Tx, roundId: RoundId, shard: number): Promise<{ pending: number; soon: number }> {
  const [row] = await tx.execute<{ pending: number; soon: number }>(sql`
    select count(*)::int as pending,
           count(*) filter (where not standing and a.blocked_code is null
             and (m.parked_at is null or m.retry_at < now() + ${LONG_WAIT_SECONDS} * interval '1 second')
             and coalesce(a.held_since > now() - ${LONG_WAIT_SECONDS} * interval '1 second', true)
             and (a.not_before is null or a.not_before < now() + ${LONG_WAIT_SECONDS} * interval '1 second'))::int as soon
    from items i join accounts a on a.id = i.account_id
    join (select id, paused_at is not null or held_at is not null as standing from rounds) r on r.id = i.round_id
    left join round_models m on m.round_id = i.round_id and m.model_id = i.model_id
    where i.round_id = ${roundId} and i.shard = ${shard} and i.state = 'pending'`);
  return { pending: row?.pending ?? 0, soon: row?.soon ?? 0 };
}

/** @returns them in the shuffled order. */
async function open(tx: Tx, roundId: RoundId, shard: number, slots: number): Promise<ItemId[]> {
  const opened = await prepared<{ id: ItemId }>(
    tx,
    'open items',
    sql`
    with ready as materialized (
      select id from items where round_id = ${roundId} and shard = ${shard} and state = 'generated'
      order by id for update),
    opened as (
      update items set state = 'open', opened_at = now() where id = any(array(select id from ready))
      returning id, position),
    slotted as (
      insert into item_arms (item_id, arm, round_id, slots) select id, ${MAIN}, ${roundId}, ${slots} from opened
      on conflict do nothing)
    select id from opened order by position`,
  );
  return opened.map(({ id }) => id);
}

async function noteOpened(tx: Tx, roundId: RoundId, shard: number, counts: { opened: number; pending: number }) {
  await tx
    .update(shards)
    // Never less than somebody has meanwhile asked for again; the next count is exact.
    .set({
      unopened: sql`greatest(${shards.unopened}, ${counts.pending}::int)`,
      open: sql`${shards.open} + ${counts.opened}`,
    })
    .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard)));
}

async function leaveWindow(tx: Tx, roundId: RoundId, shard: number): Promise<void> {
  const left = await tx
    .update(shards)
    .set({ state: 'labelling', openedAt: sql`now()` })
    .where(and(eq(shards.roundId, roundId), eq(shards.shard, shard), inArray(shards.state, ['waiting', 'generating'])))
    .returning({ shard: shards.shard });
  if (left.length > 0) await nudgeRound(tx, roundId);
}
