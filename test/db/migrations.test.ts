import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { connect } from '../../db/connection';
import { checkSchema, migrate } from '../../db/migrate';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { openRound } from '../setup/round';

const ROOT = path.join(__dirname, '../..');
let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

test('the migrations make the tables that the code describes', async () => {
  const copy = await mkdtemp(path.join(tmpdir(), 'plumbline-migrations-'));
  await cp(path.join(ROOT, 'db/migrations'), copy, { recursive: true });
  const args = [
    'generate',
    '--dialect',
    'postgresql',
    '--schema',
    './db/schema.ts',
    '--out',
    path.relative(ROOT, copy),
  ];
  const { stdout } = await promisify(execFile)(path.join(ROOT, 'node_modules/.bin/drizzle-kit'), args, { cwd: ROOT });
  await rm(copy, { recursive: true });
  expect(stdout).toContain('No schema changes');
}, 30_000);

test('migrating what is up to date changes nothing, and eight programs at once do not trip over each other', async () => {
  const again = await Promise.all(Array.from({ length: 8 }, () => migrate(here.url)));
  expect(again).toEqual(Array(8).fill({ applied: 0 }));
  await expect(checkSchema(here.db)).resolves.toBeUndefined();
});

test('what shards still have is counted when they learn to keep it', async () => {
  const { id } = await openRound(here.db, { items: 5, pendingFrom: 2, shardSize: 3 });
  const counts = () => here.db.execute(sql`select unopened, open from shards where round_id = ${id} order by shard`);
  const before = [...(await counts())];
  expect(before).toEqual([
    { unopened: 1, open: 2 },
    { unopened: 2, open: 0 },
  ]);
  await here.db.execute(sql`update shards set unopened = 0, open = 0`);
  const text = await readFile(path.join(ROOT, 'db/migrations/0010_counts_of_shards.sql'), 'utf8');
  await here.db.execute(sql.raw(text.split('--> statement-breakpoint').find((part) => part.includes('UPDATE')) ?? ''));
  expect([...(await counts())]).toEqual(before);
});

test('a schema newer than the program is refused by every command that needs it', async () => {
  await here.db.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${Date.now() + 1e9})`,
  );
  await expect(checkSchema(here.db)).rejects.toMatchObject({ kind: 'schema-newer', hint: expect.any(String) });
  await expect(migrate(here.url)).rejects.toMatchObject({ kind: 'schema-newer' });
  await here.db.execute(sql`delete from drizzle.__drizzle_migrations where hash = 'later'`);
});

test('an empty database is behind, not newer', async () => {
  const empty = new URL(here.url);
  empty.pathname = '/postgres';
  const { db, close } = connect(empty.href, { max: 1 });
  await expect(checkSchema(db)).rejects.toMatchObject({
    kind: 'schema-older',
    hint: expect.stringContaining('migrate'),
  });
  await close();
});

test('a database in another encoding is refused', async () => {
  const name = `latin_${Date.now()}`;
  await here.db.execute(sql.raw(`create database ${name} encoding 'LATIN1' locale 'C' template template0`));
  const other = new URL(here.url);
  other.pathname = `/${name}`;
  await expect(migrate(other.href)).rejects.toMatchObject({ kind: 'wrong-encoding' });
  await here.db.execute(sql.raw(`drop database ${name}`));
});
