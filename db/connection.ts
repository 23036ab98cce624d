/** How the program reaches Postgres. One pool per process; every query module takes a `Db` or, inside one, a `Tx`. */
import type { PgDatabase } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema';

/** A connection pool or an open transaction: what a query needs to run. */
export type Tx = PgDatabase<PostgresJsQueryResultHKT, typeof schema>;
/** The pool: only it can begin a transaction that commits. */
export type Db = Tx & { readonly $client: postgres.Sql };

export interface Connection {
  db: Db;
  close(): Promise<void>;
}

/**
 * Rows are looked up by index, also where Postgres believes a table to be empty: the plans of a first day's statements are kept,
 * and read whole tables long after those have grown. What has no index is read through all the same; before version 18 that counts as
 * so costly that Postgres would compile the statement first.
 */
const BY_INDEX = { enable_seqscan: 'off', jit: 'off' };

/** Opens a pool; nothing is sent before the first query. `name` shows in pg_stat_activity. */
export function connect(url: string, options: { max?: number; name?: string } = {}): Connection {
  const client = postgres(url, {
    max: options.max ?? 10,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: options.name ?? 'plumbline', TimeZone: 'UTC', ...BY_INDEX },
  });
  return { db: drizzle(client, { schema }), close: () => client.end({ timeout: 5 }) };
}
