/** Where Postgres and Temporal are: as the environment says, else what `plumbline up` started in this folder. */
import path from 'node:path';
import { type Connection, connect, type Db } from '../db/connection';
import { databaseIsAway, failureCode } from '../db/failures';
import { checkSchema } from '../db/migrate';
import { CommandError, EXIT } from './failures';
import { inspectServices } from './services/inspect';
import { layoutOf } from './services/layout';
import { existingHome } from './services/postgres/home';
import { databaseUrl } from './services/postgres/postmaster';

/** The state of what runs on this machine for the folder that the command is used in. */
export function stateFolder(): string {
  return path.resolve('.plumbline');
}

const DATABASE = 'plumbline';

export interface FoundDatabase {
  url: string;
  /** For people: without user and password. */
  shown: string;
}

/** @throws CommandError if there is none to be found. */
export async function findDatabase(): Promise<FoundDatabase> {
  const given = process.env.DATABASE_URL;
  if (given) return { url: checkedUrl(given), shown: shownUrl(given) };
  const dir = stateFolder();
  const { postgres } = await inspectServices(dir);
  const home = existingHome(layoutOf(dir));
  if (postgres?.alive && postgres.accepts && home) {
    const url = databaseUrl(home, postgres.port, DATABASE);
    return { url, shown: shownUrl(url) };
  }
  const message = postgres ? 'the local Postgres does not run' : 'there is no Postgres here: DATABASE_URL is not set';
  throw new CommandError({ kind: 'postgres-missing', message, hint: START_HINT });
}

/** Sets TEMPORAL_ADDRESS to the local one where nothing else says where Temporal is. */
export async function findTemporal(): Promise<void> {
  if (process.env.TEMPORAL_ADDRESS || process.env.TEMPORAL_PROFILE || process.env.TEMPORAL_CONFIG_FILE) return;
  const { temporal } = await inspectServices(stateFolder());
  if (temporal?.alive && temporal.accepts) {
    process.env.TEMPORAL_ADDRESS = temporal.address;
    return;
  }
  const { temporalIsConfigured }: typeof import('./temporal') = require('./temporal');
  if (temporalIsConfigured()) return;
  const message = temporal
    ? 'the local Temporal does not run'
    : 'there is no Temporal here: TEMPORAL_ADDRESS is not set';
  throw new CommandError({ kind: 'temporal-missing', message, hint: START_HINT });
}

const START_HINT = 'start it with `plumbline up`, or set DATABASE_URL and TEMPORAL_ADDRESS (in .env, if you like)';

/** Runs `work` with a migrated database. @throws CommandError, SchemaError if there is none. */
export async function withDatabase<T>(work: (db: Db) => Promise<T>): Promise<T> {
  const { url, shown } = await findDatabase();
  const connection = connect(url, { max: 4, name: 'plumbline command' });
  try {
    await reached(connection, shown);
    return await work(connection.db);
  } finally {
    await connection.close();
  }
}

async function reached({ db }: Connection, shown: string): Promise<void> {
  try {
    await checkSchema(db);
  } catch (error) {
    throw unreachable(error, shown) ?? error;
  }
}

/** What keeps a database from being reached, without its user and password; undefined for any other failure. */
export function unreachable(error: unknown, shown: string): CommandError | undefined {
  const code = failureCode(error);
  if (code !== undefined && /^28/.test(code)) {
    const message = `Postgres at ${shown} refuses the user or the password`;
    return new CommandError({ kind: 'postgres-refused', message, hint: 'check DATABASE_URL' });
  }
  if (code === '3D000') {
    const message = `Postgres at ${shown} has no such database`;
    return new CommandError({ kind: 'postgres-no-database', message, hint: 'create it, or correct DATABASE_URL' });
  }
  if (!databaseIsAway(error)) return undefined;
  const message = `Postgres at ${shown} does not answer (${code})`;
  return new CommandError({ kind: 'postgres-unreachable', message, hint: START_HINT });
}

function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^postgres(?:ql)?:$/.test(new URL(url).protocol)) return url;
  const message = 'is not the address of a Postgres database';
  const hint = 'write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE';
  throw new CommandError({ kind: 'postgres-address', message, hint, at: 'DATABASE_URL' }, EXIT.wrongUsage);
}

/** An address without user and password, for people. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { host, pathname } = new URL(url);
  return `${host || 'localhost'}${pathname}`;
}
