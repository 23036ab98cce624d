/** Postgres: reachable, of the right kind, with the schema that this program knows. */
import { sql } from 'drizzle-orm';
import { connect, type Db } from '../../db/connection';
import { checkSchema, SchemaError } from '../../db/migrate';
import { failureOf } from '../failures';
import { type FoundDatabase, findDatabase, unreachable } from '../finding';
import { type Check, fail, ok, warn } from './check';

/** Older ones lack nothing that is used, but nobody has tried them. */
const TRIED_FROM = 15;

/** @param further checks that need the schema. */
export async function checkDatabase(further: (db: Db) => Promise<Check[]>): Promise<Check[]> {
  let found: FoundDatabase;
  try {
    found = await findDatabase();
  } catch (error) {
    return [failed('postgres', error)];
  }
  const { db, close } = connect(found.url, { max: 2, name: 'plumbline doctor' });
  try {
    const server = await checkServer(db, found.shown);
    const schema = await checkSchemaState(db);
    return [...server, schema, ...(schema.status === 'ok' ? await further(db) : [])];
  } catch (error) {
    return [failed('postgres', unreachable(error, found.shown) ?? error)];
  } finally {
    await close();
  }
}

async function checkServer(db: Db, shown: string): Promise<Check[]> {
  const [row] = await db.execute<{ version: string; encoding: string }>(
    sql`select current_setting('server_version') as version, current_setting('server_encoding') as encoding`,
  );
  const { version = '?', encoding = '?' } = row ?? {};
  const told = `Postgres ${version} at ${shown}`;
  const old = Number.parseInt(version, 10) < TRIED_FROM;
  return [
    old ? warn('postgres', told, `Plumbline is tried with Postgres ${TRIED_FROM} and newer`) : ok('postgres', told),
    encoding === 'UTF8'
      ? ok('postgres-encoding', encoding)
      : fail(
          'postgres-encoding',
          `${encoding}, not UTF8`,
          "create the database with encoding 'UTF8' template template0",
        ),
  ];
}

async function checkSchemaState(db: Db): Promise<Check> {
  try {
    await checkSchema(db);
    return ok('schema', 'up to date');
  } catch (error) {
    if (error instanceof SchemaError) return fail('schema', error.message, error.hint);
    throw error;
  }
}

/** A failure as a check. */
export function failed(name: string, error: unknown): Check {
  const [{ message, hint = '' }] = failureOf(error).problems;
  return fail(name, message, hint);
}
