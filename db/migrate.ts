/** Brings a database's schema up to date, and tells a schema that this program does not know from one that it does. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import { connect, type Db } from './connection';

const FOLDER = path.join(__dirname, 'migrations');

export class SchemaError extends Error {
  constructor(
    readonly kind: 'schema-newer' | 'schema-older' | 'wrong-encoding',
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'SchemaError';
  }
}

/**
 * Runs what is missing, one program at a time (an advisory lock makes the others wait).
 * @throws SchemaError if the database is not UTF8, or if a newer program has been here.
 */
export async function migrate(url: string): Promise<{ applied: number }> {
  const { db, close } = connect(url, { max: 1, name: 'plumbline migrate' });
  try {
    await db.execute(sql`select pg_advisory_lock(hashtext('plumbline migrate'))`);
    await refuseOtherEncoding(db);
    const before = await appliedCount(db);
    refuseNewer(before);
    await runMigrations(db, { migrationsFolder: FOLDER });
    return { applied: (await appliedCount(db)) - before };
  } finally {
    await close();
  }
}

/** @throws SchemaError unless the schema is exactly the one this program was written for. */
export async function checkSchema(db: Db): Promise<void> {
  const applied = await appliedCount(db);
  refuseNewer(applied);
  if (applied < knownCount()) {
    throw new SchemaError(
      'schema-older',
      `the database's schema is behind this program; migrations missing: ${knownCount() - applied}`,
      'run `plumbline migrate`',
    );
  }
}

async function refuseOtherEncoding(db: Db): Promise<void> {
  const [row] = await db.execute<{ server_encoding: string }>(sql`show server_encoding`);
  if (row?.server_encoding === 'UTF8') return;
  throw new SchemaError(
    'wrong-encoding',
    `the database's encoding is ${row?.server_encoding}, not UTF8`,
    "create it with `create database plumbline encoding 'UTF8' template template0`",
  );
}

function refuseNewer(applied: number): void {
  if (applied <= knownCount()) return;
  throw new SchemaError(
    'schema-newer',
    `the database's schema is ${applied - knownCount()} migration(s) newer than this program`,
    'use the Plumbline version that migrated it, or a newer one',
  );
}

function knownCount(): number {
  const journal = JSON.parse(readFileSync(path.join(FOLDER, 'meta/_journal.json'), 'utf8')) as { entries: unknown[] };
  return journal.entries.length;
}

async function appliedCount(db: Db): Promise<number> {
  const [table] = await db.execute<{ present: boolean }>(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as present`,
  );
  if (!table?.present) return 0;
  const [row] = await db.execute<{ n: number }>(sql`select count(*)::int as n from drizzle.__drizzle_migrations`);
  return row?.n ?? 0;
}
