/**
 * Statements that run thousands of times: Postgres parses them once per connection instead of at every call, and the
 * driver needs one round trip instead of two.
 */
import type { SQL } from 'drizzle-orm';
import { PgDialect, type PreparedQueryConfig } from 'drizzle-orm/pg-core';
import type { Tx } from './connection';

const dialect = new PgDialect();

/**
 * Runs a statement under a name. Its text must be the same at every call: values go in as parameters, lists as one
 * parameter, never as more or fewer of them.
 */
export function prepared<Row extends Record<string, unknown>>(tx: Tx, name: string, query: SQL): Promise<Row[]> {
  return tx._.session
    .prepareQuery<PreparedQueryConfig & { execute: Row[] }>(dialect.sqlToQuery(query), undefined, name, false)
    .execute();
}
