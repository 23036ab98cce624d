/**
 * Changing what a round measures after its start: on record, with who and why. Another capability table changes what follows
 * from labels, never the labels; every item is looked at again, and the round measures anew.
 */
import { and, eq, sql } from 'drizzle-orm';
import type { PersonId, RoundId, TableHash } from '../../domain/ids';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { act } from '../labelling/act';
import { nudgeRound } from '../outbox';
import { amendments, audit, rounds } from '../schema';
import { readRound } from './read';
import { specHashOf } from './specHash';

export interface Amending {
  roundId: RoundId;
  /** One that fits the round's manual: whoever calls has made sure of it. */
  table: TableHash;
  by: PersonId;
  why: string;
}
export type AmendResult =
  /** `items`: those with a label or a ruling, which are looked at again. */
  | { kind: 'amended'; specHash: string; items: number }
  /** It is the round's table already. */
  | { kind: 'already' }
  | { kind: 'over'; status: 'cancelled' | 'failed' };

/**
 * In one transaction that locks items, then shards, then the round, as everything does that resolves them, and then what was
 * resolved meanwhile. Where that meets another the other way round, one of the two is tried again.
 */
export function amendTable(db: Db, { roundId, table, by, why }: Amending): Promise<AmendResult> {
  return act(db, async (tx) => {
    const before = await readRound(tx, roundId);
    if (before.status === 'cancelled' || before.status === 'failed') return { kind: 'over', status: before.status };
    if (before.capabilityTable === table) return { kind: 'already' };
    const marked = await markJudged(tx, roundId);
    await reopenMarked(tx, roundId);
    const from = await exchangeTable(tx, roundId, table);
    // Again, for what was resolved by the old table while this waited for the round: nobody does so any more.
    const since = await markJudged(tx, roundId, sql`and not touched`);
    if (since > 0) await reopenMarked(tx, roundId);
    // Somebody else's amendment to the same table came first.
    if (from === table) return { kind: 'already' };
    const { specHash } = await readRound(tx, roundId);
    const amendment = { what: 'capability-table', from, to: table, specHash, why: wellFormed(why) } as const;
    await tx.insert(amendments).values({ roundId, by, ...amendment });
    await tx
      .insert(audit)
      .values({ actor: by, action: 'round.amend', subject: roundId, roundId, detail: { ...amendment } });
    await nudgeRound(tx, roundId);
    return { kind: 'amended', specHash, items: marked + since };
  });
}

/** Marks every item that somebody has judged: its class may be another now. */
async function markJudged(tx: Tx, roundId: RoundId, narrowed = sql``): Promise<number> {
  const marked = await tx.execute<{ n: number }>(sql`
    with judged as (
      select id from items i
      where round_id = ${roundId} and state in ('open', 'contested', 'settled', 'unresolved')
        and (exists (select 1 from labels l where l.item_id = i.id and l.withdrawn_at is null)
          or exists (select 1 from rulings g where g.item_id = i.id)) ${narrowed}
      order by id for no key update),
    marked as (update items set touched = true where id in (select id from judged) returning 1)
    select count(*)::int as n from marked`);
  return marked[0]?.n ?? 0;
}

async function reopenMarked(tx: Tx, roundId: RoundId): Promise<void> {
  await tx.execute(sql`
    update shards s set state = 'labelling', done_at = null
    where s.round_id = ${roundId} and s.state = 'done'
      and exists (select 1 from items i where i.round_id = s.round_id and i.shard = s.shard and i.touched)`);
  await tx.execute(sql`
    insert into outbox (round_id, shard)
    select round_id, shard from shards where round_id = ${roundId} and state = 'labelling' order by shard`);
}

/** @returns the table that held until now. */
async function exchangeTable(tx: Tx, roundId: RoundId, table: TableHash): Promise<TableHash | null> {
  const [round] = await tx.select().from(rounds).where(eq(rounds.id, roundId)).for('no key update');
  if (!round) throw new Error(`no round ${roundId}`);
  const specHash = specHashOf({ ...round, capabilityTable: table });
  await tx.update(rounds).set({ capabilityTable: table, specHash }).where(eq(rounds.id, roundId));
  await tx
    .update(rounds)
    .set({ status: 'running', endedAt: null })
    .where(and(eq(rounds.id, roundId), sql`status in ('measuring', 'done')`));
  return round.capabilityTable;
}
