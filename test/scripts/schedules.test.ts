/** The commands on schedules, with Temporal and without. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { desc, eq } from 'drizzle-orm';
import { addPerson, inviteLabeller } from '../../db/people';
import { audit, prompts, schedules } from '../../db/schema';
import { nextTimes } from '../../domain/recurrence';
import type { Timing } from '../../domain/schedules';
import { scheduleId } from '../../workflows/ids';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { until } from '../setup/processes';
import { runHere } from './inThisProcess';

let database: TestDatabase;
let dir: string;
let connection: Connection;
let temporal: Client;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-schedules-'));
  const address = process.env.PLUMBLINE_TEST_TEMPORAL_ADDRESS ?? '';
  connection = await Connection.connect({ address });
  temporal = new Client({ connection });
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: address,
    PLUMBLINE_TASK_QUEUE: `t-${randomBytes(6).toString('hex')}`,
    OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
    OPENAI_API_KEY: 'sk-never-to-be-printed',
  };
  await addPerson(database.db, { name: 'Olga', roles: ['operator'] });
  await addPerson(database.db, { name: 'Rosa', roles: ['researcher'] });
  await inviteLabeller(database.db, { name: 'Anna', kind: 'human', groups: [], holds: [] });
  writeFileSync(path.join(dir, 'prompts.jsonl'), '{"id":"a","prompt":"PROMPT-MARK"}\n{"id":"b","prompt":"two"}\n');
  writeFileSync(path.join(dir, 'round.yaml'), 'prompts: prompts.jsonl\nmodels: [small]\noverlap: 1\ndeadline: 1d\n');
});
afterAll(async () => {
  await connection.close();
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function run(args: readonly string[], extra: Record<string, string> = {}) {
  const end = await runHere([...args, '--json'], dir, { ...env, ...extra });
  const lines = end.json();
  return { code: end.code, stderr: end.stderr, lines, first: lines[0], error: lines[0]?.error };
}

function create(name: string, ...flags: string[]) {
  return run(['schedule', 'create', name, 'round.yaml', ...flags]);
}

const handle = (name: string) => temporal.schedule.getHandle(scheduleId(name, env));
async function timingOf(name: string): Promise<Timing> {
  const [row] = await stored(name);
  if (!row) throw new Error(`no schedule ${name}`);
  return row.plan.timing;
}

const stored = (name: string) => database.db.select().from(schedules).where(eq(schedules.name, name));

describe('what cannot be a schedule is refused, and nothing is stored', () => {
  test.each([
    [['--cron', '0 0 30 2 *'], 'never', '--cron'],
    [['--cron', 'every monday'], 'schedule', '--cron'],
    [['--cron', '61 * * * *'], 'schedule', '--cron'],
    [['--cron', '@every 5m'], 'schedule', '--cron'],
    [['--every', 'a while'], 'schedule', '--every'],
    [['--every', '1500ms'], 'schedule', '--every'],
    [['--at', 'mon 25:00'], 'schedule', '--at'],
    [['--at', 'moon 09:00'], 'schedule', '--at'],
    [['--at', '09:00', '--time-zone', 'Europe/Berlni'], 'schedule', '--time-zone'],
    [['--every', '10m', '--jitter', '10m'], 'schedule', '--jitter'],
    [['--every', '10m', '--catch-up', '1s'], 'schedule', '--catch-up'],
    [['--at', '09:00', '--start', 'tomorrow'], 'schedule', '--start'],
    [['--at', '09:00', '--start', '2200-01-01'], 'never', '--at'],
    [[], 'schedule', 'schedule create'],
    [['--every', '1d', '--at', '09:00'], 'schedule', 'schedule create'],
  ])('%j', async (flags, kind, at) => {
    expect(await create('wrong', ...flags)).toMatchObject({
      code: 2,
      error: { kind, at, message: expect.any(String) },
    });
    expect(await stored('wrong')).toEqual([]);
  });

  test('all that is wrong with the times at once', async () => {
    const { error } = await create('wrong', '--cron', 'x', '--time-zone', 'Mars/Base', '--jitter', 'some');
    expect(error).toMatchObject({ total: 3 });
  });

  test('a meant time zone is named', async () => {
    const { error } = await create('wrong', '--at', '09:00', '--time-zone', 'Europe/Berlni');
    expect(error).toMatchObject({ hint: 'did you mean Europe/Berlin?' });
  });

  test('a round that could not be started now', async () => {
    const { code, error } = await create('wrong', '--every', '1d', '--set', 'overlap=3');
    expect({ code, error }).toMatchObject({ code: 2, error: { kind: 'too-few-labellers' } });
    expect(await stored('wrong')).toEqual([]);
  });

  test('a name that is none', async () => {
    expect(await create('a/b', '--every', '1d')).toMatchObject({ code: 2, error: { kind: 'usage', at: 'name' } });
  });

  test('somebody who may not', async () => {
    expect(await create('wrong', '--every', '1d', '--as', 'Rosa')).toMatchObject({
      code: 1,
      error: { kind: 'not-allowed' },
    });
  });

  test('while Temporal is away', async () => {
    const away = { TEMPORAL_ADDRESS: '127.0.0.1:9' };
    const flags = ['schedule', 'create', 'wrong', 'round.yaml', '--every', '1d'];
    expect(await run(flags, away)).toMatchObject({ code: 1, error: { kind: 'temporal-unreachable' } });
    expect(await stored('wrong')).toEqual([]);
  });
});

test('a schedule is made once, shown, paused, resumed and deleted, on record', async () => {
  const flags = ['--at', 'mon,thu 09:00', '--time-zone', 'europe/berlin', '--seed', '7', '--why', 'every week'];
  expect((await create('weekly', ...flags, '--dry-run')).first).toMatchObject({ event: 'would-create', items: 2 });
  expect(await stored('weekly')).toEqual([]);
  expect((await create('weekly', ...flags)).first).toMatchObject({ event: 'created', created: true, seed: '7' });
  expect((await create('weekly', ...flags)).first).toMatchObject({ event: 'created', created: false, seed: '7' });
  expect((await create('weekly', ...flags.slice(0, 4))).first).toMatchObject({ created: false });
  for (const other of [
    ['--seed', '8'],
    ['--set', 'prompts.sample=1'],
    ['--at', 'fri 09:00'],
    ['--jitter', '5m'],
  ]) {
    expect(await create('weekly', ...flags, ...other)).toMatchObject({ code: 2, error: { kind: 'name-taken' } });
  }

  const { info, memo, action } = await handle('weekly').describe();
  expect(nextTimes(await timingOf('weekly'), new Date(), 10)).toEqual(info.nextActionTimes);
  expect({ memo, args: action.args }).toEqual({ memo: undefined, args: [{ schedule: 'weekly' }] });

  const { first: shown } = await run(['schedule', 'show', 'weekly']);
  expect(shown).toMatchObject({ status: 'active', specNow: 'same', models: ['small'], rounds: [], failures: 0 });
  const next = (shown?.next ?? []) as { at: string; local: string }[];
  const [soon] = next;
  expect(next).toHaveLength(5);
  expect(soon?.local).toMatch(/^(Mon|Thu) 20\d\d-\d\d-\d\d 09:00 CES?T$/);
  expect((await run(['schedule', 'list'])).lines).toEqual([
    expect.objectContaining({ name: 'weekly', status: 'active', nextRun: soon?.at }),
  ]);

  expect((await run(['schedule', 'pause', 'weekly', '--dry-run'])).first).toMatchObject({ event: 'would-pause' });
  expect((await run(['schedule', 'pause', 'weekly', '--why', 'WHY-MARK'])).first).toMatchObject({ event: 'paused' });
  expect((await run(['schedule', 'pause', 'weekly'])).first).toMatchObject({ event: 'already-paused' });
  const { state } = await handle('weekly').describe();
  expect(state).toMatchObject({ paused: true, note: expect.stringMatching(/^by p_/) });
  expect((await run(['schedule', 'show', 'weekly'])).first).toMatchObject({
    status: 'paused',
    next: [],
    pausedBy: { who: 'Olga', why: 'WHY-MARK' },
  });
  expect((await run(['doctor'])).lines).toContainEqual(
    expect.objectContaining({ name: 'schedule weekly', status: 'warn', hint: 'plumbline schedule resume weekly' }),
  );
  expect((await run(['schedule', 'resume', 'weekly'])).first).toMatchObject({ event: 'resumed' });
  expect((await run(['schedule', 'resume', 'weekly'])).first).toMatchObject({ event: 'already-active' });

  expect((await run(['schedule', 'delete', 'weekly', '--dry-run'])).first).toMatchObject({ event: 'would-delete' });
  expect((await run(['schedule', 'delete', 'weekly'])).first).toMatchObject({ event: 'deleted', openRounds: [] });
  expect(await stored('weekly')).toEqual([]);
  await expect(handle('weekly').describe()).rejects.toThrow();
  const { code, error } = await run(['schedule', 'delete', 'weekly']);
  expect({ code, error }).toMatchObject({ code: 2, error: { kind: 'unknown-schedule' } });
  const acts = await database.db.select().from(audit).where(eq(audit.subject, 'weekly')).orderBy(desc(audit.id));
  expect(acts.map(({ action }) => action).reverse()).toEqual([
    'schedule.create',
    'schedule.pause',
    'schedule.resume',
    'schedule.delete',
  ]);
  expect(acts.at(-2)?.detail).toMatchObject({ why: 'WHY-MARK' });
});

test('Temporal is given what was said of overlaps, runs that were missed, failures and jitter, and the usual where nothing was', async () => {
  await create('usual', '--every', '7d');
  const { policies, spec } = await handle('usual').describe();
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 86_400_000, pauseOnFailure: true });
  expect(spec.jitter ?? 0).toBe(0);
  const flags = ['--jitter', '5m', '--catch-up', '2h', '--overlap', 'buffer-one', '--no-pause-on-failure'];
  expect((await create('other', '--every', '7d', ...flags)).code).toBe(0);
  const other = await handle('other').describe();
  expect(other.policies).toMatchObject({ overlap: 'BUFFER_ONE', catchupWindow: 7_200_000, pauseOnFailure: false });
  expect(other.spec.jitter).toBe(300_000);
  for (const name of ['usual', 'other']) await run(['schedule', 'delete', name]);
});

test('what a crash left in one of the two places is mended by a repeat, and by deleting', async () => {
  const flags = ['--every', '7d'];
  await create('torn', ...flags);
  await handle('torn').delete();
  await until('Temporal has forgotten it', async () => {
    const { first } = await run(['schedule', 'show', 'torn']);
    return first?.status === 'lost';
  });
  expect((await run(['doctor'])).lines).toContainEqual(
    expect.objectContaining({ name: 'schedule torn', status: 'warn' }),
  );
  expect(await run(['schedule', 'pause', 'torn'])).toMatchObject({ code: 1, error: { kind: 'schedule-lost' } });
  expect((await create('torn', ...flags)).first).toMatchObject({ created: true });
  expect((await run(['schedule', 'show', 'torn'])).first).toMatchObject({ status: 'active' });

  await database.db.delete(schedules).where(eq(schedules.name, 'torn'));
  expect(await create('torn', ...flags)).toMatchObject({ code: 2, error: { kind: 'name-taken' } });
  expect((await run(['schedule', 'delete', 'torn'])).first).toMatchObject({ event: 'deleted' });
  expect((await create('torn', ...flags)).first).toMatchObject({ created: true });
  await run(['schedule', 'delete', 'torn']);
});

test('the times are Temporal’s own, also where clocks change', async () => {
  const zone = ['--time-zone', 'Europe/Berlin'];
  for (const [name, cron] of [
    ['spring', '30 2 26-30 3 *'],
    ['hours', '*/30 8-18/5 28-31 3,10 *'],
    ['days', '0 9 13 * fri-sun'],
  ] as const) {
    const { first } = await create(name, '--cron', cron, ...zone);
    expect(first).toMatchObject({ created: true });
    const { info } = await handle(name).describe();
    expect(nextTimes(await timingOf(name), new Date(), 10)).toEqual(info.nextActionTimes);
    await run(['schedule', 'delete', name]);
  }
});

test('a backfill says how many runs it starts, and does not start many unasked', async () => {
  await create('daily', '--at', '09:00', '--paused');
  const backfill = (...flags: string[]) => run(['schedule', 'backfill', 'daily', ...flags]);
  expect((await backfill('--from', '2026-01-01', '--to', '2026-01-21', '--dry-run')).first).toMatchObject({
    event: 'would-backfill',
    runs: 20,
    overlap: 'buffer-all',
  });
  for (const [flags, kind] of [
    [['--from', '2024-01-01', '--to', '2026-09-27'], 'ask-first'],
    [['--from', '2026-01-02T10:00Z', '--to', '2026-01-02T11:00Z'], 'nothing-to-do'],
    [['--from', '2026-01-02', '--to', '2026-01-01'], 'schedule'],
    [['--from', '2026-01-02', '--to', '2099-01-01'], 'schedule'],
    [['--from', 'then', '--to', 'now'], 'schedule'],
  ] as const) {
    expect(await backfill(...flags)).toMatchObject({ code: 2, error: { kind } });
  }
  const { error } = await backfill('--from', '2024-01-01', '--to', '2026-09-27');
  expect(error).toMatchObject({ message: expect.stringContaining('1000 runs'), at: '--yes' });
  expect((await handle('daily').describe()).info.numActionsTaken).toBe(0);
  await run(['schedule', 'delete', 'daily']);
});

test('a file that is gone does not matter, and is told', async () => {
  writeFileSync(path.join(dir, 'gone.yaml'), 'prompts: prompts.jsonl\nmodels: [small]\noverlap: 1\ndeadline: 1d\n');
  await run(['schedule', 'create', 'gone', 'gone.yaml', '--every', '1d']);
  writeFileSync(path.join(dir, 'gone.yaml'), 'something else');
  expect((await run(['schedule', 'show', 'gone'])).first).toMatchObject({ specNow: 'differs' });
  rmSync(path.join(dir, 'gone.yaml'));
  expect((await run(['schedule', 'show', 'gone'])).first).toMatchObject({ specNow: 'gone', status: 'active' });
  expect(await database.db.select().from(prompts)).not.toEqual([]);
  await run(['schedule', 'delete', 'gone']);
});

test('while Temporal is away, schedules are shown as they are stored', async () => {
  await create('kept', '--at', '09:00');
  const away = { TEMPORAL_ADDRESS: '127.0.0.1:9' };
  expect((await run(['schedule', 'list'], away)).lines).toEqual([
    expect.objectContaining({ name: 'kept', status: 'unknown', nextRun: expect.stringMatching(/T09:00:00/) }),
  ]);
  for (const verb of ['pause', 'resume', 'trigger', 'delete']) {
    expect(await run(['schedule', verb, 'kept'], away)).toMatchObject({
      code: 1,
      error: { kind: 'temporal-unreachable' },
    });
  }
  expect(await stored('kept')).toHaveLength(1);
  await run(['schedule', 'delete', 'kept']);
}, 120_000);
