/**
 * How fast people can label: a crowd over HTTP and the same statements without it, in a short queue and in a long one; two who
 * go through everything; those who ask in vain; and how soon a label has its effect. Nothing is generated: rounds are rows.
 */
import { sql } from 'drizzle-orm';
import { conclude } from './goals';
import type { CrowdResult, CrowdTask } from './labellingCrowd';
import { effectWhenIdle, nudgesAtFullSpeed } from './labellingEffect';
import { type Parts, startParts } from './labellingParts';
import { type BenchRound, openBenchRound } from './labellingRound';
import { type CrowdFigures, figuresOf, type Measured, rowsOf } from './labellingTable';
import { nothingFree, nothingNew } from './labellingVain';
import { start } from './process';

interface Options {
  items: string;
  labellers: number;
  seconds: number;
  parts: string;
  json?: true;
}

export const LABELLING_PARTS = ['crowd', 'through', 'vain', 'effect'] as const;

const OVERLAP = 3;
const WARM_UP_SECONDS = 4;
/** Labellers who go through everything. */
const TWO = 2;

/** Ctrl-C stops what the bench has started, too. */
export async function labelling({ items, labellers, seconds, parts: wanted, json }: Options): Promise<void> {
  const sizes = items.split(',').map(Number);
  if (![...sizes, labellers].every((n) => Number.isInteger(n) && n > 0) || !(seconds > 0)) {
    throw new Error('--items takes a list of whole numbers, --labellers a whole number, --seconds a number');
  }
  const chosen = new Set(wanted.split(','));
  const known = (name: string) => LABELLING_PARTS.some((part) => part === name);
  if (![...chosen].every(known)) throw new Error(`--parts takes a list of ${LABELLING_PARTS.join(', ')}`);
  const progress = (line: string) => void (json || process.stderr.write(`bench: ${line}\n`));
  const parts = await startParts(progress);
  const interrupted = () => void parts.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  const lines: Measured[] = [];
  const add = (line: Measured) => {
    lines.push(line);
    if (json) process.stdout.write(`${JSON.stringify(line)}\n`);
    else progress(`${line.measured} done`);
  };
  try {
    for (const size of chosen.has('crowd') ? sizes : []) {
      const round = await openBenchRound(parts.db, { items: size, overlap: OVERLAP, labellers });
      // In turns, so that what the machine does beside falls on both.
      for (const by of ['http', 'statements', 'http', 'statements'] as const) {
        add({ measured: 'crowd', items: size, by, ...(await crowd(parts, round, by, seconds / 2)) });
      }
    }
    const [size = 0, longest = size] = [Math.min(...sizes), Math.max(...sizes)];
    if (chosen.has('through')) {
      const round = await openBenchRound(parts.db, { items: size, overlap: TWO, labellers: TWO });
      add({ measured: 'through', items: size, ...(await crowd(parts, round, 'http')) });
    }
    if (chosen.has('vain')) {
      add({ measured: 'vain', items: longest, why: 'all-leased', ...(await nothingFree(parts, longest)) });
      add({ measured: 'vain', items: longest, why: 'seen-all', ...(await nothingNew(parts, longest)) });
    }
    if (chosen.has('effect')) {
      const round = await openBenchRound(parts.db, { items: size, overlap: OVERLAP, labellers });
      const idle = await openBenchRound(parts.db, { items: 2_000, overlap: 1, labellers: 1 });
      await parts.startWorker();
      add({ measured: 'effect', ...(await effectWhenIdle(parts, idle)) });
      add({
        measured: 'nudges',
        ...(await nudgesAtFullSpeed(parts, round, () => crowd(parts, round, 'http', seconds))),
      });
    }
    conclude(rowsOf(lines), json);
  } finally {
    process.removeListener('SIGINT', interrupted);
    await parts.stop();
  }
}

/** A crowd at work, and what each part of the machine took for it. @param seconds absent: until nothing is left. */
async function crowd(
  parts: Parts,
  round: BenchRound,
  by: 'http' | 'statements',
  seconds?: number,
): Promise<CrowdFigures> {
  const task: CrowdTask = {
    roundId: round.id,
    labellers: round.labellers,
    warmUpSeconds: seconds === undefined ? 0 : WARM_UP_SECONDS,
    ...(by === 'http' ? { siteUrl: parts.siteUrl } : { databaseUrl: parts.databaseUrl }),
    ...(seconds === undefined ? {} : { seconds }),
  };
  await parts.db.execute(sql`checkpoint`);
  const child = start('bench/labellingCrowd.ts', [JSON.stringify(task)]);
  await child.said('measuring');
  const before = parts.cpu();
  const { result } = (await child.said('done')) as unknown as { result: CrowdResult };
  const after = parts.cpu();
  return {
    ...figuresOf(result),
    cpuMsPerPair: {
      site: (1_000 * (after.site - before.site)) / result.pairs,
      postgres: (1_000 * (after.postgres - before.postgres)) / result.pairs,
      clients: (1_000 * result.cpuSeconds) / result.pairs,
    },
    overCollected: await overCollected(parts, round),
  };
}

/** Items with more labels than the overlap, or with one labeller twice. */
async function overCollected({ db }: Parts, { id, overlap }: BenchRound): Promise<number> {
  const [row] = await db.execute<{ n: number }>(sql`
    select count(*)::int as n from (
      select 1 from labels where round_id = ${id} and withdrawn_at is null group by item_id
      having count(*) > ${overlap} or count(distinct labeller_id) < count(*)) items`);
  return row?.n ?? 0;
}
