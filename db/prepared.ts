/**
 * Statements that run thousands of times: Postgres parses them once per connection instead of at every call, and the
 * driver needs one round trip instead of two.
 */
import { fillPlaceholders, type Placeholder, type SQL, sql } from 'drizzle-orm';
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

/** A statement with its values: what goes over the line. */
export interface Bound<Row> {
  text: string;
  params: Value[];
  /** Only a type: what a row of it is. */
  row?: Row;
}
type Value = string | number | boolean | null;

/**
 * A statement that is written once: its text is made at the first use, and every use only fills in the values. `write` gets a
 * placeholder for each of them.
 */
export function statement<Given extends Record<keyof Given, Value>, Row>(
  write: (given: { [Name in keyof Given]: Placeholder }) => SQL,
): (given: Given) => Bound<Row> {
  let written: { sql: string; params: unknown[] } | undefined;
  return (given) => {
    written ??= dialect.sqlToQuery(write(placeholders<Given>()));
    return { text: written.sql, params: fillPlaceholders(written.params, given) as Value[] };
  };
}

function placeholders<Given>(): { [Name in keyof Given]: Placeholder } {
  return new Proxy(Object.create(null), { get: (_, name) => sql.placeholder(String(name)) });
}

/**
 * For the rest of a transaction: a statement is planned once for each connection, not anew for each value. For statements that
 * find all by keys, where working out a plan costs more than any plan saves.
 */
export const PLANNED_ONCE = sql`set_config('plan_cache_mode', 'force_generic_plan', true)`;
export const plannedOnce = statement<Record<string, never>, unknown>(() => sql`select ${PLANNED_ONCE}`);

/** Runs one statement by itself, or inside a transaction. */
export function rowsOf<Row extends Record<string, unknown>>(tx: Tx, { text, params }: Bound<Row>): Promise<Row[]> {
  return tx._.session
    .prepareQuery<PreparedQueryConfig & { execute: Row[] }>({ sql: text, params }, undefined, 'written', false)
    .execute();
}
