import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { LOOPBACK } from '../ports';
import { commandLine, identify, type ProcessIdentity } from '../processes';
import { within } from '../waiting';
import { readPassword, SUPERUSER } from './cluster';
import type { PostgresHome } from './home';

/** A number that no process has: beyond what any system of ours counts to. */
const NO_PROCESS = 2 ** 31 - 1;

/** The live process that the data folder's `postmaster.pid` names, and the port it says, once it is written whole. */
export function namedProcess(home: PostgresHome): { process: ProcessIdentity; port: number } | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(home.data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const [pid, , , port] = lines.map(Number);
  const named = pid && port ? identify(pid) : undefined;
  return named && port ? { process: named, port } : undefined;
}

/**
 * True if the process is a Postgres server of this data folder, as far as can be told without its answer.
 * After a reboot the number in an old `postmaster.pid` may be anybody's, even another Postgres's.
 */
export function servesData(one: ProcessIdentity, home: PostgresHome): boolean {
  if (!/(^|\/)postgres$/.test(commandLine(one.pid).split(' -')[0] ?? '')) return false;
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${one.pid}/cwd`) === realpathSync(home.data);
  } catch {
    return false;
  }
}

/**
 * Makes `postmaster.pid`, where there is one, name nobody. Postgres would refuse to start beside a process of that
 * number, be it another's by now or the dead server's own that nobody has collected yet. The file must stay: its other
 * lines let Postgres find orphans of a killed server that still use the data.
 */
export function disown(home: PostgresHome): void {
  const file = join(home.data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, [NO_PROCESS, ...rest].join('\n'));
}

export function databaseUrl(home: PostgresHome, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${readPassword(home)}@${LOOPBACK}:${port}/${database}`;
}

export type Answer = 'ours' | 'starting' | 'another' | 'none';

/** Who answers on the port: our server, ours or another's that is not ready yet, another's, or nobody. */
export async function whoAnswers(home: PostgresHome, port: number): Promise<Answer> {
  try {
    return await withConnection(home, port, async (sql) => {
      const [row] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
      return row && realpathSync(row.folder) === realpathSync(home.data) ? 'ours' : 'another';
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === CANNOT_CONNECT_NOW) return 'starting';
    return code === 'ECONNREFUSED' || code === undefined || code === 'CONNECT_TIMEOUT' ? 'none' : 'another';
  }
}

const CANNOT_CONNECT_NOW = '57P03';

/** Makes the product's database if it is not there yet. */
export async function ensureDatabase(home: PostgresHome, port: number, name: string): Promise<void> {
  await withConnection(home, port, async (sql) => {
    const found = await sql`select from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  });
}

async function withConnection<T>(home: PostgresHome, port: number, ask: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const url = databaseUrl(home, port, 'postgres');
  const sql = postgres(url, { max: 1, connect_timeout: 5, ssl: false, fetch_types: false, onnotice: () => undefined });
  try {
    const late = () => new Error(`Postgres accepts connections on port ${port} and does not answer`);
    return await within(10_000, ask(sql), late);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
