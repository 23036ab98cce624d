/** Which round the demo goes on with, calls off, begins, and leaves alone. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { rounds } from '../../db/schema';
import type { PersonId, RoundId } from '../../domain/ids';
import { keepDemoManual } from '../../scripts/demo/manual';
import { demoPeople, type Temper, withTemper } from '../../scripts/demo/people';
import { demoRound } from '../../scripts/demo/round';
import { keepFolder, readFolder, STARTER } from '../../scripts/manuals/init';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { openRound } from '../setup/round';
import { runHere } from './inThisProcess';

let here: TestDatabase;
let folder: string;
let by: PersonId;
const before = process.cwd();
beforeEach(async () => {
  here = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-demo-round-'));
  process.chdir(folder);
  by = (await addPerson(here.db, { name: 'Olga', roles: ['operator', 'researcher'] })).id;
});
afterEach(async () => {
  process.chdir(before);
  await here.drop();
  rmSync(folder, { recursive: true, force: true });
});

const worldAt = (port: number) => ({ url: (seed: string) => `http://127.0.0.1:${port}/worlds/${seed}` });
const told: string[] = [];
const begin = async (port: number, seed?: string, named?: string) => {
  const manual = named ?? (await keepDemoManual(here.db, by));
  await demoPeople(here.db);
  return demoRound(here.db, worldAt(port), { seed, sample: 4, manual, by }, (line) => told.push(line));
};
const statusOf = async (id: RoundId) =>
  (await here.db.select({ status: rounds.status }).from(rounds).where(eq(rounds.id, id)))[0]?.status;

test('an unfinished round goes on; one of another seed, or whose models are elsewhere, is called off and said so', async () => {
  const first = await begin(4_001);
  expect(first).toMatchObject({ seed: '1', resumed: false });
  expect(await begin(4_001)).toEqual({ ...first, resumed: true });

  const other = await begin(4_001, '9');
  expect(other).toMatchObject({ seed: '9', resumed: false });
  expect([await statusOf(first.roundId), await statusOf(other.roundId)]).toEqual(['cancelled', 'opening']);
  expect(told.join('\n')).toContain(`calling off ${first.roundId}`);

  const moved = await begin(4_002);
  expect([moved.seed, moved.resumed, await statusOf(other.roundId)]).toEqual(['3', false, 'cancelled']);
});

test('a round of real models is never taken for the demo’s, whatever its key and its name', async () => {
  const { id } = await openRound(here.db);
  await here.db.update(rounds).set({ name: 'demo', startKey: 'plumbline-demo/1' }).where(eq(rounds.id, id));
  const begun = await begin(4_001);
  expect([begun.roundId === id, begun.seed, await statusOf(id)]).toEqual([false, '1', 'running']);
});

test('where rounds rest on what the shipped manual said before, it is kept under another name', async () => {
  const { manual, table, notices } = readFolder(STARTER);
  const earlier = { ...manual, name: 'demo', title: 'As it was' };
  await keepFolder(here.db, { manual: earlier, table: table && { ...table, manual: 'demo' }, notices }, by);
  await begin(4_001, '1', 'demo');
  expect([await keepDemoManual(here.db, by), await keepDemoManual(here.db, by)]).toEqual(['demo-2', 'demo-2']);
});

test('where DATABASE_URL names a database with real rounds the demo starts nothing', async () => {
  await openRound(here.db);
  const end = await runHere(['demo', '--exit', '--json'], folder, { DATABASE_URL: here.url });
  expect([end.code, end.json()]).toEqual([1, [{ error: expect.objectContaining({ kind: 'real-rounds' }) }]]);
  expect(existsSync(path.join(folder, '.plumbline/up.json'))).toBe(false);
});

test('people who were removed are followed by others', async () => {
  await demoPeople(here.db);
  await here.db.execute(
    sql`update people set removed_at = now() where name in ('Ada (simulated)', 'Vera (simulated)')`,
  );
  const { labellers, researcher } = await demoPeople(here.db);
  expect([labellers[0]?.name, labellers[1]?.name, researcher.name]).toEqual([
    'Ada 2 (simulated)',
    'Ben (simulated)',
    'Vera 2 (simulated)',
  ]);
});

test('of twelve the last ones spam, or all answer alike but one', async () => {
  const people = await demoPeople(here.db);
  const profiles = (temper: Temper) => withTemper(people, temper).labellers.map(({ profile }) => profile);
  expect(profiles({ spammers: 2, alike: false }).slice(8)).toEqual([
    'careful',
    'careful',
    'spammer-clean',
    'spammer-random',
  ]);
  expect(new Set(profiles({ spammers: 1, alike: true }))).toEqual(new Set(['alike', 'spammer-clean']));
  expect(profiles({ spammers: 0, alike: false })).not.toContain('spammer-random');
});
