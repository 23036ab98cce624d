/** What it costs to ask for an item in vain, as labellers do again and again at the end of a round. */
import { sql } from 'drizzle-orm';
import type { Db } from '../db/connection';
import { Line } from './labellingLine';
import type { Parts } from './labellingParts';
import { type BenchRound, openBenchRound } from './labellingRound';
import { quantile } from './labellingTable';

export interface VainFigures {
  /** Milliseconds of `next` over HTTP. */
  p50: number;
  p99: number;
  /** CPU of Postgres for each. */
  postgresMs: number;
}

const TIMES = 200;
const FIRST = 20;
/** Leases in others' hands meanwhile. */
const HELD = 50;

/** All items are full but for a few that others hold: the labeller has to wait. */
export async function nothingFree(parts: Parts, items: number): Promise<VainFigures> {
  const round = await openBenchRound(parts.db, { items, overlap: 1, labellers: 2 });
  await pretend(parts.db, round, 1, 'submitted', sql`position >= ${HELD}`);
  await pretend(parts.db, round, 1, 'leased', sql`position < ${HELD}`);
  return ask(parts, round, 'all-leased');
}

/** All items have free slots, and the labeller has labelled each of them. */
export async function nothingNew(parts: Parts, items: number): Promise<VainFigures> {
  const round = await openBenchRound(parts.db, { items, overlap: 2, labellers: 2 });
  await pretend(parts.db, round, 0, 'submitted', sql`true`);
  return ask(parts, round, 'seen-all');
}

async function pretend(
  db: Db,
  { id, labellers }: BenchRound,
  which: number,
  state: string,
  where: ReturnType<typeof sql>,
) {
  const labeller = labellers[which]?.id ?? '';
  await db.execute(sql`
    insert into members (round_id, labeller_id, arm) values (${id}, ${labeller}, 'main') on conflict do nothing`);
  await db.execute(sql`
    insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, state, one_per_prompt, expires_at)
    select round_id, id, prompt_id, 'main', ${labeller}, ${state}, true, now() + interval '10 minutes' from items
    where round_id = ${id} and ${where}`);
  await db.execute(sql`
    update item_arms set taken = taken + 1 where item_id in (select id from items where round_id = ${id} and ${where})`);
}

async function ask(parts: Parts, { id, labellers }: BenchRound, reason: string): Promise<VainFigures> {
  await parts.db.execute(sql`vacuum analyze`);
  const line = await Line.open(new URL(parts.siteUrl), labellers[0]?.token ?? '');
  const once = async () => {
    const { body } = await line.post(`/api/rounds/${id}/next`);
    if (JSON.parse(body).reason !== reason) throw new Error(`not ${reason}: ${body}`);
  };
  for (let i = 0; i < FIRST; i += 1) await once();
  const before = parts.cpu();
  const took: number[] = [];
  for (let i = 0; i < TIMES; i += 1) {
    const from = performance.now();
    await once();
    took.push(performance.now() - from);
  }
  line.close();
  const postgresMs = (1_000 * (parts.cpu().postgres - before.postgres)) / TIMES;
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99), postgresMs };
}
