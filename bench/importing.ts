/** What importing takes: time and memory for ever more rows, beside a plain loop that only reads and parses the same file. */
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { addPerson } from '../db/people';
import { conclude, type Row } from './goals';
import { startParts } from './labellingParts';
import { start } from './process';

interface Options {
  rows: string;
  json?: true;
}

interface Imported {
  rows: number;
  seconds: number;
  /** The most memory that the command held at one time; NaN where the system does not tell. */
  peakMb: number;
  /** Of reading and parsing the file, and nothing else. */
  loopSeconds: number;
}

/** Ctrl-C stops what the bench has started, too. */
export async function importing({ rows, json }: Options): Promise<void> {
  const sizes = rows.split(',').map(Number);
  if (!sizes.every((n) => Number.isInteger(n) && n > 0)) throw new Error('--rows takes a list of whole numbers');
  const progress = (line: string) => void (json || process.stderr.write(`bench: ${line}\n`));
  const parts = await startParts(progress);
  process.once('SIGINT', () => void parts.stop().finally(() => process.exit(130)));
  const folder = mkdtempSync(path.join(tmpdir(), 'plumbline-bench-'));
  const all: Imported[] = [];
  try {
    await addPerson(parts.db, { name: 'Bench', roles: ['operator'] });
    for (const size of sizes) {
      const file = await writeRows(folder, size);
      const loopSeconds = await loopOver(file);
      const imported = { rows: size, loopSeconds, ...(await importOf(file, parts.databaseUrl)) };
      all.push(imported);
      if (json) process.stdout.write(`${JSON.stringify(imported)}\n`);
      else progress(`${size} rows done`);
      rmSync(file);
    }
    conclude(rowsOf(all), json);
  } finally {
    await parts.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each a paragraph of its own. */
async function writeRows(folder: string, size: number): Promise<string> {
  const file = path.join(folder, `rows-${size}.jsonl`);
  const out = createWriteStream(file);
  for (let i = 0; i < size; i += 1) {
    const prompt = `${i} of ${size}: ${'say what somebody may do with this number and why, '.repeat(4)}${i * 7919}?`;
    if (!out.write(`${JSON.stringify({ id: `${i}`, prompt })}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return file;
}

async function loopOver(file: string): Promise<number> {
  const began = performance.now();
  let characters = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { prompt }: { prompt: string } = JSON.parse(line);
    characters += prompt.length;
  }
  if (characters === 0) throw new Error('nothing was read');
  return (performance.now() - began) / 1_000;
}

const LOOK_MS = 100;

async function importOf(file: string, databaseUrl: string): Promise<Pick<Imported, 'seconds' | 'peakMb'>> {
  const began = performance.now();
  const args = ['prompts', 'import', file, '--as', 'Bench', '--json'];
  const command = start('scripts/plumbline.ts', args, { DATABASE_URL: databaseUrl });
  let peakMb = 0;
  const looking = setInterval(() => {
    peakMb = Math.max(peakMb, mostMemoryOf(command.pid));
  }, LOOK_MS);
  try {
    await command.said('imported');
  } finally {
    clearInterval(looking);
  }
  return { seconds: (performance.now() - began) / 1_000, peakMb: peakMb || Number.NaN };
}

/** Megabytes; 0 where the process is gone, or the system does not tell. */
function mostMemoryOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** However many rows there are: the least memory that Node takes by itself is about a tenth of it. */
const MOST_MB = 600;

function rowsOf(all: readonly Imported[]): Row[] {
  return all.flatMap(({ rows: n, seconds, peakMb, loopSeconds }): Row[] => {
    const at = `${n.toLocaleString('en')} rows`;
    return [
      {
        what: `import, ${at}`,
        shown: `${seconds.toFixed(1)} s, ${Math.round(n / seconds).toLocaleString('en')} rows/s`,
      },
      { what: `only read and parsed, ${at}`, shown: `${loopSeconds.toFixed(1)} s` },
      {
        what: `most memory, ${at}`,
        shown: `${Math.round(peakMb)} MB`,
        goals: [{ figure: peakMb, most: MOST_MB }],
        unit: 'MB',
      },
    ];
  });
}
