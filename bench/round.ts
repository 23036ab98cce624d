/**
 * How long it takes from a round's start until its items are open for labelling, beside a plain loop over the same prompts
 * and the same SIMULATED endpoint, in turns in one run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'drizzle-orm';
import type { Db } from '../db/connection';
import { addPerson, inviteLabeller } from '../db/people';
import { savePromptSet } from '../db/prompts';
import { startRound } from '../db/rounds/start';
import type { PersonId, RoundId } from '../domain/ids';
import { specFromText } from '../scripts/intake/spec';
import { planOf } from '../scripts/rounds/start';
import { roundWorkflowId, shardWorkflowId } from '../workflows/ids';
import { conclude } from './goals';
import { cpuOf } from './labellingCpu';
import { startParts } from './labellingParts';
import { type Running, start } from './process';
import { type Cpu, type RoundFigures, rowsOf } from './roundTable';

interface Options {
  prompts: string;
  latency: number;
  concurrency: number;
  runs: number;
  json?: true;
}

/** What every run of the bench shares. */
interface Bench {
  db: Db;
  temporal: Client;
  by: PersonId;
  /** Of the SIMULATED models. */
  endpoint: string;
  concurrency: number;
  folder: string;
  /** Seconds that each part has taken so far. */
  cpu(): Cpu;
}

const KEY = 'PLUMBLINE_BENCH_KEY';
const WARM_UP = 500;
const LOOK_MS = 25;
const GIVE_UP_SECONDS = 600;

export async function round({ prompts, latency, concurrency, runs, json }: Options): Promise<void> {
  const sizes = prompts.split(',').map(Number);
  if (![...sizes, concurrency, runs].every((n) => Number.isInteger(n) && n > 0) || !(latency >= 0)) {
    throw new Error(
      '--prompts takes a list of whole numbers, --concurrency and --runs whole numbers, --latency milliseconds',
    );
  }
  const progress = (line: string) => void (json || process.stderr.write(`bench: ${line}\n`));
  process.env[KEY] = 'bench';
  const models = simulatedModels(latency);
  const parts = await startParts(progress);
  const stop = async () => {
    await parts.stop();
    await models.stop();
  };
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  const folder = mkdtempSync(path.join(tmpdir(), 'plumbline-bench-'));
  try {
    const { url } = await models.said('listening');
    const worker = await parts.startWorker();
    const { id: by } = await addPerson(parts.db, { name: 'Bench', roles: ['operator'] });
    await inviteLabeller(parts.db, { name: 'Labeller', kind: 'human', groups: [], holds: [] });
    const temporal = new Client({ connection: await Connection.connect({ address: parts.temporalAddress }) });
    const endpoint = `${String(url)}/worlds/bench/v1`;
    const cpu = () => {
      const { postgres, temporal: server } = parts.cpu();
      return { worker: cpuOf(worker.pid), postgres, temporal: server, endpoint: cpuOf(models.pid) };
    };
    const bench = { db: parts.db, temporal, by, endpoint, concurrency, folder, cpu };
    // Not counted: it warms up what every later round finds warm.
    await roundOf(bench, WARM_UP, writePrompts(folder, WARM_UP, 0));
    const figures: RoundFigures[] = [];
    for (const size of sizes) {
      for (let run = 1; run <= runs; run += 1) {
        const file = writePrompts(folder, size, run);
        const loop = await loopOf(bench, parts.databaseUrl, size, file);
        const measured = { prompts: size, run, ...loop, ...(await roundOf(bench, size, file)) };
        figures.push(measured);
        if (json) process.stdout.write(`${JSON.stringify(measured)}\n`);
        const seconds = `loop ${measured.loopSeconds.toFixed(1)} s, round ${measured.roundSeconds.toFixed(1)} s`;
        progress(`${size} prompts, run ${run}: ${seconds}`);
      }
    }
    await temporal.connection.close();
    progress(`calls of ${latency} ms, ${concurrency} at once`);
    conclude(rowsOf(figures), json);
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function simulatedModels(latency: number): Running {
  return start('simulation/server/main.ts', [], {
    PLUMBLINE_SIMULATION_PORT: '0',
    PLUMBLINE_SIMULATION_LATENCY_MS: String(latency),
    PLUMBLINE_SIMULATION_JITTER: '0',
    PLUMBLINE_SIMULATION_TROUBLE: '0',
    PLUMBLINE_LOG_LEVEL: 'warn',
  });
}

function writePrompts(folder: string, size: number, run: number): string {
  const file = path.join(folder, `prompts-${size}-${run}.jsonl`);
  const lines = Array.from({ length: size }, (_, i) => {
    const prompt = `Say in two sentences what somebody may do with the number ${size * run + i}.`;
    return JSON.stringify({ id: `${i}`, prompt });
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

async function loopOf(
  bench: Bench,
  databaseUrl: string,
  size: number,
  file: string,
): Promise<Pick<RoundFigures, 'loopSeconds' | 'loopCpuMs'>> {
  const env = { DATABASE_URL: databaseUrl, OPENAI_BASE_URL: bench.endpoint };
  const before = bench.cpu();
  const loop = start('bench/plainLoop.ts', [file, String(bench.concurrency)], env);
  const { seconds, cpuSeconds } = await loop.said('ended');
  // In the place of the worker's, which has nothing to do.
  const after = { ...bench.cpu(), worker: before.worker + Number(cpuSeconds) };
  await loop.stop();
  return { loopSeconds: Number(seconds), loopCpuMs: perCall(before, after, size) };
}

type Made = Pick<RoundFigures, 'roundSeconds' | 'eventsPerItem' | 'cpuMs'>;

/** From its start until its last item is open. Its prompts are read and stored before, as the loop's are read. */
async function roundOf(bench: Bench, size: number, file: string): Promise<Made> {
  const { db, by, endpoint, concurrency } = bench;
  const spec = {
    prompts: file,
    models: [{ name: 'sim-small', max_tokens: 500 }],
    accounts: { default: { base_url: endpoint, key_env: KEY, concurrency, simulated: true } },
    overlap: 1,
  };
  const plan = await planOf(specFromText(JSON.stringify(spec), path.join(bench.folder, 'round.yaml')), undefined);
  await db.transaction((tx) => savePromptSet(tx, plan.prompts, plan.purpose));
  const before = bench.cpu();
  const began = performance.now();
  const { roundId } = await startRound(db, plan, { by });
  for (;;) {
    // Of few rows: the looking must not cost what is looked at.
    const [shards] = await db.execute<{ drawn: boolean; waiting: number; all: number }>(sql`
      select (select drawn_at is not null from rounds where id = ${roundId}) as drawn,
        count(*) filter (where opened_at is null)::int as waiting, count(*)::int as all
      from shards where round_id = ${roundId}`);
    const seconds = (performance.now() - began) / 1_000;
    if (shards?.drawn && shards.waiting === 0) return measured(bench, roundId, size, seconds, before);
    if (seconds > GIVE_UP_SECONDS) throw new Error(`${shards?.waiting} of ${shards?.all} shards did not open`);
    await delay(LOOK_MS);
  }
}

async function measured(
  bench: Bench,
  roundId: RoundId,
  size: number,
  roundSeconds: number,
  before: Cpu,
): Promise<Made> {
  const after = bench.cpu();
  const [row] = await bench.db.execute<{ open: number }>(
    sql`select count(opened_at)::int as open from items where round_id = ${roundId}`,
  );
  if (row?.open !== size) throw new Error(`only ${row?.open} of ${size} items opened`);
  const cpuMs = perCall(before, after, size);
  return { roundSeconds, eventsPerItem: (await eventsOf(bench, roundId)) / size, cpuMs };
}

function perCall(before: Cpu, after: Cpu, calls: number): Cpu {
  const of = (part: keyof Cpu) => Number((((after[part] - before[part]) * 1_000) / calls).toFixed(3));
  return { worker: of('worker'), postgres: of('postgres'), temporal: of('temporal'), endpoint: of('endpoint') };
}

/** Of the round's workflow and all its shards', so far. */
async function eventsOf({ db, temporal }: Bench, roundId: RoundId): Promise<number> {
  const shards = await db.execute<{ shard: number }>(sql`select shard from shards where round_id = ${roundId}`);
  const ids = [roundWorkflowId(roundId), ...shards.map(({ shard }) => shardWorkflowId(roundId, shard))];
  let events = 0;
  for (const id of ids) events += (await temporal.workflow.getHandle(id).describe()).historyLength;
  return events;
}
