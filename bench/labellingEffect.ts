/** From a label to its effect, with a real worker and Temporal: how soon its item is settled, and how many signals it takes. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { Line } from './labellingLine';
import type { Parts } from './labellingParts';
import type { BenchRound } from './labellingRound';
import { type CrowdFigures, quantile } from './labellingTable';

export interface EffectFigures {
  labels: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

const LABELS = 200;
/** Between looks at the item. */
const LOOK_MS = 3;
const IDLE_LOOK_MS = 500;
const GIVE_UP_MS = 30_000;
/** Not counted: the first wakes the shard's workflow, and the worker's code is cold. */
const FIRST = 10;

/** One label after the other; nothing else goes on. Milliseconds from the answer over HTTP to the committed settlement. */
export async function effectWhenIdle(parts: Parts, round: BenchRound): Promise<EffectFigures> {
  const [labeller] = round.labellers;
  if (!labeller) throw new Error('a round without labellers');
  await idle(parts);
  const took: number[] = [];
  for (let i = 0; i < FIRST + LABELS; i += 1) {
    // A connection for each: the site closes one that is silent while the first effect is waited for.
    const line = await Line.open(new URL(parts.siteUrl), labeller.token);
    const labelled = await label(line, round);
    const answered = performance.now();
    line.close();
    await settled(parts, labelled, answered);
    if (i >= FIRST) took.push(performance.now() - answered);
    // At any moment of the relay's beat, not always just after it.
    await delay(Math.random() * 200);
  }
  return { labels: took.length, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

/** Until nothing is left of what other parts of the bench have left to the worker. */
async function idle({ db }: Parts): Promise<void> {
  for (;;) {
    const [row] = await db.execute<{ busy: boolean }>(
      sql`select exists (select 1 from outbox where parked_at is null) or exists (select 1 from items where touched) as busy`,
    );
    if (!row?.busy) return;
    await delay(IDLE_LOOK_MS);
  }
}

async function label(line: Line, { id }: BenchRound): Promise<string> {
  const { assignment } = JSON.parse((await line.post(`/api/rounds/${id}/next`)).body);
  const body = JSON.stringify({ answers: { verdict: 'aligned' } });
  const key = `Idempotency-Key: ${randomUUID()}\r\n`;
  const answer = await line.post(`/api/assignments/${assignment.id}/label`, body, key);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return assignment.id;
}

async function settled({ db }: Parts, assignmentId: string, since: number): Promise<void> {
  for (;;) {
    const [row] = await db.execute<{ state: string }>(sql`
      select i.state from items i join assignments a on a.item_id = i.id where a.id = ${assignmentId}`);
    if (row?.state === 'settled') return;
    if (performance.now() - since > GIVE_UP_MS) throw new Error(`a label had no effect within ${GIVE_UP_MS} ms`);
    await delay(LOOK_MS);
  }
}

/**
 * A crowd at work with the worker beside it. What the relay takes for one workflow at once is one signal; a trigger of the
 * bench's own counts these.
 */
export async function nudgesAtFullSpeed(
  { db }: Parts,
  round: BenchRound,
  crowd: () => Promise<CrowdFigures>,
): Promise<CrowdFigures & { signalsPer100Labels: number }> {
  await db.execute(sql`create table bench_signals (n int not null)`);
  await db.execute(sql`
    create function bench_count_signals() returns trigger language plpgsql as $$
    begin
      insert into bench_signals select count(distinct (round_id, shard)) from taken;
      return null;
    end $$`);
  await db.execute(sql`
    create trigger bench_count_signals after update on outbox referencing new table as taken
      for each statement execute function bench_count_signals()`);
  const figures = await crowd();
  const [row] = await db.execute<{ signals: number; labels: number }>(sql`
    select (select coalesce(sum(n), 0)::int from bench_signals) as signals,
      (select count(*)::int from labels where round_id = ${round.id}) as labels`);
  await db.execute(sql`drop trigger bench_count_signals on outbox`);
  return { ...figures, signalsPer100Labels: (100 * (row?.signals ?? 0)) / Math.max(1, row?.labels ?? 0) };
}
