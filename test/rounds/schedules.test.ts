/** Rounds that repeat, on a Temporal of the test's own that is killed under way. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ScheduleDescription } from '@temporalio/client';
import { asc, eq } from 'drizzle-orm';
import { inviteLabeller, removePerson } from '../../db/people';
import { roundsOfSchedule } from '../../db/schedules/rounds';
import { items, prompts, rounds } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import { seedOfRun } from '../../domain/schedules';
import { layoutOf } from '../../scripts/services/layout';
import { isAlive } from '../../scripts/services/processes';
import { readState } from '../../scripts/services/state';
import { momentOfRun, scheduleId } from '../../workflows/ids';
import { startCommand } from '../setup/command';
import { createInstallation, type Installation, QUICK } from '../setup/installation';
import type { TestLabeller } from '../setup/labeller';
import { type OwnTemporal, ownTemporal } from '../setup/ownTemporal';
import { until } from '../setup/processes';
import { nth } from '../setup/round';

let here: Installation;
let temporal: OwnTemporal;

beforeAll(async () => {
  temporal = await ownTemporal('schedules');
  const { temporalAddress } = await temporal.start();
  here = await createInstallation({ temporalAddress });
  await here.startSite();
  const questions = Array.from({ length: 12 }, (_, i) => JSON.stringify({ id: `p${i}`, prompt: `Question ${i}?` }));
  await writeFile(path.join(here.dir, 'prompts.jsonl'), `${questions.join('\n')}\n`);
  const spec = { ...QUICK, prompts: { file: 'prompts.jsonl', sample: 4 }, models: ['small'], overlap: 1 };
  await writeFile(path.join(here.dir, 'round.yaml'), JSON.stringify(spec));
}, 60_000);
afterAll(async () => {
  await here.close();
  await temporal.remove();
});

async function schedule(...args: string[]) {
  const { code, lines, stdout, stderr } = await here.command('schedule', ...args, '--json');
  if (code !== 0) throw new Error(`schedule ${args[0]} ended with ${code}: ${stdout}${stderr}`);
  return lines[0] ?? {};
}

/** Oldest first. */
async function roundsOf(name: string) {
  return (await roundsOfSchedule(here.database.db, name, 100)).reverse();
}

function untilRounds(name: string, count: number, timeoutMs = 60_000) {
  return until(
    `${count} rounds of ${name}`,
    async () => {
      const found = await roundsOf(name);
      return found.length >= count ? found : undefined;
    },
    timeoutMs,
  );
}

async function finish(roundId: RoundId, labeller: TestLabeller): Promise<void> {
  await here.untilRound(roundId, 'items to label', ({ items }) => items.open === 4, 60_000);
  await labeller.work(roundId, () => ({ verdict: 'aligned' }));
  await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 60_000);
}

async function drawn(roundId: RoundId): Promise<string[]> {
  const rows = await here.database.db
    .select({ id: prompts.externalId })
    .from(items)
    .innerJoin(prompts, eq(prompts.id, items.promptId))
    .where(eq(items.roundId, roundId))
    .orderBy(asc(prompts.externalId));
  return rows.map(({ id }) => id);
}

/** As Temporal has it: it may be away for a while. */
function untilTemporal(what: string, name: string, holds: (found: ScheduleDescription) => boolean): Promise<true> {
  const handle = here.temporal.schedule.getHandle(scheduleId(name, here.env));
  return until(what, async () => (await handle.describe().then(holds, () => false)) || undefined, 60_000);
}

async function killTemporal(): Promise<void> {
  const { temporal: server } = readState(layoutOf(temporal.dir));
  if (!server) throw new Error('no Temporal runs');
  process.kill(server.pid, 'SIGKILL');
  await until('it is gone', () => !isAlive(server));
}

test('a schedule measures again and again, each time with a draw of its own, and survives the death of Temporal', async () => {
  const [labeller] = await here.labellers(1);
  if (!labeller) throw new Error('no labeller');
  await here.startWorker();
  await schedule('create', 'often', path.join(here.dir, 'round.yaml'), '--every', '3s', '--seed', '7');
  await rm(path.join(here.dir, 'round.yaml'));

  const [first] = await untilRounds('often', 1);
  await finish(nth([first], 0)?.roundId as RoundId, labeller);
  const two = await untilRounds('often', 2);
  // While the second is not over, the runs that are due are left out.
  await untilTemporal('some runs are left out', 'often', ({ info }) => info.numActionsSkippedOverlap >= 2);
  expect(await roundsOf('often')).toHaveLength(2);
  const beside = await here.command('schedule', 'trigger', 'often', '--json');
  expect(beside).toMatchObject({ code: 1, lines: [{ error: { kind: 'overlaps', hint: /--overlap buffer-one/ } }] });

  await killTemporal();
  await temporal.start();
  await finish(nth(two, 1).roundId, labeller);
  const three = await untilRounds('often', 3);

  await schedule('pause', 'often', '--why', 'enough for today');
  const { db } = here.database;
  for (const { roundId } of await roundsOf('often')) {
    const { status } = await here.show(roundId);
    if (status !== 'done') await finish(roundId, labeller);
  }
  const before = (await roundsOf('often')).length;
  await untilTemporal('its runs are over', 'often', ({ info }) => info.runningActions.length === 0);
  expect((await here.command('schedule', 'show', 'often', '--json')).lines[0]).toMatchObject({
    status: 'paused',
    next: [],
    specNow: 'gone',
  });

  await schedule('trigger', 'often');
  const all = await untilRounds('often', before + 1);
  await finish(nth(all, before).roundId, labeller);
  expect(await roundsOf('often')).toHaveLength(before + 1);

  const rows = await db.select().from(rounds).where(eq(rounds.schedule, 'often')).orderBy(asc(rounds.createdAt));
  expect(rows.map(({ seed }) => seed)).toEqual(rows.map(({ startKey }) => seedOfRun('7', momentOfRun(startKey ?? ''))));
  expect(new Set(rows.map(({ seed }) => seed)).size).toBe(rows.length);
  const draws = await Promise.all(rows.map(({ id }) => drawn(id)));
  expect(draws.every((draw) => draw.length === 4)).toBe(true);
  expect(new Set(draws.map(String)).size).toBeGreaterThan(1);
  const measured = await here.show(nth(three, 0).roundId);
  expect(measured).toMatchObject({ measured: true, status: 'done', byModel: [{ verdicts: { aligned: 4 } }] });

  // A moment that has its round keeps it; what is due next comes once the schedule goes on.
  const moment = momentOfRun(nth(rows, 0).startKey ?? '');
  await schedule('backfill', 'often', '--from', moment, '--to', moment);
  await untilTemporal('the run of that moment was looked at again', 'often', ({ info }) => {
    return info.numActionsTaken > before + 1 && info.runningActions.length === 0;
  });
  expect(await roundsOf('often')).toHaveLength(before + 1);
  await schedule('delete', 'often');
}, 300_000);

test('a schedule whose round cannot be started is paused, says why, and goes on once that is mended', async () => {
  const tuning = { ...QUICK.tuning, sweep: '100ms', history_events: 30 };
  const spec = {
    ...QUICK,
    prompts: 'prompts.jsonl',
    models: ['small'],
    overlap: 1,
    labellers: { groups: ['night'] },
    tuning,
  };
  await writeFile(path.join(here.dir, 'night.yaml'), JSON.stringify(spec));
  const { db } = here.database;
  const nora = await inviteLabeller(db, { name: 'Nora', kind: 'human', groups: ['night'], holds: [] });
  await schedule('create', 'night', path.join(here.dir, 'night.yaml'), '--every', '2s', '--paused');
  await schedule('create', 'idle', path.join(here.dir, 'night.yaml'), '--every', '1h', '--paused');
  await removePerson(db, nora.labellerId);
  await schedule('resume', 'night');

  await untilTemporal('it is paused', 'night', ({ state }) => state.paused && /failure/.test(state.note ?? ''));
  expect(await schedule('show', 'night')).toMatchObject({
    status: 'failing',
    note: expect.stringContaining('too-few-labellers'),
    lastFailure: expect.stringContaining('needs 1 labellers'),
    rounds: [],
  });
  expect((await here.command('doctor', '--json')).lines).toContainEqual(
    expect.objectContaining({
      name: 'schedule night',
      status: 'warn',
      message: expect.stringContaining('could not start'),
    }),
  );
  // Whoever watches a round, of whatever schedule, is told of it, too.
  const watched = await here.startRound([{ id: 'p0', prompt: 'Question?' }], { overlap: 1 });
  const { child, end } = startCommand(['round', 'watch', watched, '--json'], here.dir, here.env);
  let told = '';
  child.stdout?.on('data', (part) => {
    told += part;
  });
  await until('the watch tells of it', async () => told.includes('"name":"night","kind":"failing"') || undefined);
  child.kill('SIGINT');
  expect((await end).json().at(-1)).toMatchObject({
    schedules: [
      { name: 'idle', kind: 'paused', hint: expect.stringContaining('schedule resume idle') },
      { name: 'night', message: expect.stringContaining('too-few-labellers'), hint: expect.any(String) },
    ],
  });
  await here.command('round', 'cancel', watched, '--why', 'it was to be watched');
  await schedule('delete', 'idle');
  await inviteLabeller(db, { name: 'Nils', kind: 'human', groups: ['night'], holds: [] });
  await schedule('resume', 'night');
  await untilRounds('night', 1);
  expect(await schedule('show', 'night')).toMatchObject({ status: 'active', failures: 0 });

  // Its run waits for longer than one history may be, and still hears of the round's end.
  await schedule('pause', 'night', '--why', 'one is enough');
  const [made] = await db.select().from(rounds).where(eq(rounds.schedule, 'night'));
  const run = here.temporal.workflow.getHandle(made?.startKey ?? '');
  await until(
    'it goes on in a new history',
    async () => {
      const { raw, runId } = await run.describe();
      return raw.workflowExecutionInfo?.firstRunId !== runId || undefined;
    },
    60_000,
  );
  for (const { roundId } of await roundsOf('night')) {
    await here.command('round', 'cancel', roundId, '--why', 'the night is over');
  }
  await until('it ends', async () => (await run.describe()).status.name === 'COMPLETED' || undefined, 60_000);
  await schedule('delete', 'night');
}, 300_000);
