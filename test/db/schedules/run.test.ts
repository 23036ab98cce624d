import { asc, eq, sql } from 'drizzle-orm';
import { scheduleActivities } from '../../../activities/schedules';
import { addPerson, inviteLabeller, removePerson } from '../../../db/people';
import type { RoundPlan } from '../../../db/rounds/start';
import { roundsOfSchedule } from '../../../db/schedules/rounds';
import { startRun } from '../../../db/schedules/run';
import { findSchedule, removeSchedule, savedPlanOf, saveSchedule } from '../../../db/schedules/store';
import { accounts, manualRevisions, outbox, rounds, schedules } from '../../../db/schema';
import type { PersonId } from '../../../domain/ids';
import { hashManual } from '../../../domain/manual';
import { seedOfRun, type Timing } from '../../../domain/schedules';
import { inAttempt } from '../../setup/attempt';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { SMALL_MANUAL } from '../../setup/manual';
import { planOf, sourceOf } from '../../setup/roundPlan';

let database: TestDatabase;
let by: PersonId;
const labellers: PersonId[] = [];

const TIMING: Timing = {
  recurrence: { cron: '0 9 * * 1' },
  timeZone: 'UTC',
  startAt: null,
  jitterMs: 0,
  overlap: 'skip',
  catchUpMs: 86_400_000,
  pauseOnFailure: true,
};

beforeAll(async () => {
  database = await createTestDatabase();
  by = (await addPerson(database.db, { name: 'Olga', roles: ['operator'] })).id;
  for (const name of ['a', 'b', 'c']) {
    const invited = await inviteLabeller(database.db, { name, kind: 'human', groups: [], holds: [] });
    labellers.push(invited.labellerId);
  }
});
afterAll(() => database.drop());

function save(name: string, changes: Partial<RoundPlan> = {}, timing: Timing = TIMING, seedAsked = true) {
  const plan = planOf(changes);
  const saved = savedPlanOf(plan, timing, 'hash');
  const wanted = { name, plan: saved, prompts: plan.prompts, seed: '7', specFile: '/tmp/round.yaml', by };
  return saveSchedule(database.db, wanted, seedAsked);
}

const runOf = (schedule: string, moment: string) => ({ schedule, moment, key: `t/schedule/${schedule}/1-${moment}` });
const start = (schedule: string, moment: string) => startRun(database.db, runOf(schedule, moment));

test('a moment has one round, with a seed of its own, and nobody is nudged for it', async () => {
  await save('weekly', { sample: 2 });
  const first = await start('weekly', '2026-11-23T09:00:00Z');
  expect(await start('weekly', '2026-11-23T09:00:00Z')).toEqual(first);
  expect(first).toMatchObject({ kind: 'started', roundId: expect.stringMatching(/^r-/) });
  expect(await start('weekly', '2026-11-30T09:00:00Z')).not.toEqual(first);
  const rows = await database.db
    .select()
    .from(rounds)
    .where(eq(rounds.schedule, 'weekly'))
    .orderBy(asc(rounds.createdAt));
  expect(rows.map(({ seed, startedBy, spec }) => ({ seed, startedBy, sample: spec.prompts.sample }))).toEqual([
    { seed: seedOfRun('7', '2026-11-23T09:00:00Z'), startedBy: by, sample: 2 },
    { seed: seedOfRun('7', '2026-11-30T09:00:00Z'), startedBy: by, sample: 2 },
  ]);
  expect(await roundsOfSchedule(database.db, 'weekly', 10)).toHaveLength(2);
  expect(await database.db.select().from(outbox)).toEqual([]);
});

test('what cannot be started is refused by a code and on record, until it can be', async () => {
  await save('lonely');
  await removePerson(database.db, labellers[0] ?? by);
  expect(await start('lonely', '2026-11-23T09:00:00Z')).toEqual({ kind: 'refused', code: 'too-few-labellers' });
  await start('lonely', '2026-11-30T09:00:00Z');
  expect(await findSchedule(database.db, 'lonely')).toMatchObject({
    failures: 2,
    lastFailure: expect.stringMatching(/^too-few-labellers: needs 3 labellers/),
    lastFailureAt: expect.any(Date),
  });
  await inviteLabeller(database.db, { name: 'd', kind: 'human', groups: [], holds: [] });
  expect(await start('lonely', '2026-11-23T09:00:00Z')).toMatchObject({ kind: 'started' });
  expect(await findSchedule(database.db, 'lonely')).toMatchObject({ failures: 0 });
});

test('what goes wrong otherwise is tried for a while, then counts as a failure of the schedule', async () => {
  await save('broken');
  await database.db.update(schedules).set({ plan: sql`'{}'::jsonb` }).where(eq(schedules.name, 'broken'));
  const { startScheduledRound } = scheduleActivities(database.db);
  const attempt = (nth: number) => inAttempt(nth, () => startScheduledRound(runOf('broken', '2026-11-23T09:00:00Z')));
  await expect(attempt(1)).rejects.toThrow(TypeError);
  expect(await findSchedule(database.db, 'broken')).toMatchObject({ failures: 0 });
  await expect(attempt(20)).rejects.toMatchObject({ type: 'unexpected', nonRetryable: true });
  expect(await findSchedule(database.db, 'broken')).toMatchObject({
    failures: 1,
    lastFailure: expect.stringMatching(/^unexpected: .*TypeError/),
  });
});

test('a schedule that is deleted starts nothing, and its rounds stay', async () => {
  await save('short');
  await start('short', '2026-11-23T09:00:00Z');
  expect(await removeSchedule(database.db, 'short')).toBe(true);
  expect(await removeSchedule(database.db, 'short')).toBe(false);
  expect(await start('short', '2026-11-30T09:00:00Z')).toEqual({ kind: 'refused', code: 'unknown-schedule' });
  expect(await roundsOfSchedule(database.db, 'short', 10)).toHaveLength(1);
});

test('its rounds are judged by the revision that was pinned, however many come later', async () => {
  const hash = hashManual(SMALL_MANUAL);
  const { name, form } = SMALL_MANUAL;
  const revision = { name, form, content: SMALL_MANUAL, importedBy: by };
  await database.db.insert(manualRevisions).values({ ...revision, hash, revision: 1 });
  await save('pinned', { judged: { form: null, manual: 'small@1', capability: null } });
  const later = { ...SMALL_MANUAL, task: 'Judge it otherwise.' };
  await database.db
    .insert(manualRevisions)
    .values({ ...revision, content: later, hash: hashManual(later), revision: 2 });
  await start('pinned', '2026-11-23T09:00:00Z');
  const [round] = await database.db.select().from(rounds).where(eq(rounds.schedule, 'pinned'));
  expect(round).toMatchObject({ manualRevision: hash, form });
});

test('the same content is the same schedule, and other content is told from it', async () => {
  expect((await save('once')).kind).toBe('created');
  expect((await save('once')).kind).toBe('same');
  expect((await save('once', { sample: 1 })).kind).toBe('taken');
  expect((await save('once', { prompts: sourceOf([{ content: 'other' }]) })).kind).toBe('taken');
  expect((await save('once', {}, { ...TIMING, jitterMs: 1_000 })).kind).toBe('taken');
  const every = (from: string): Timing => ({ ...TIMING, recurrence: { everyMs: 60_000, from } });
  expect((await save('interval', {}, every('2026-11-21T12:00:00.000Z'))).kind).toBe('created');
  expect((await save('interval', {}, every('2026-11-21T12:00:07.000Z'))).kind).toBe('same');
});

test('two that make one schedule at once make one', async () => {
  const made = await Promise.all([save('race'), save('race'), save('race')]);
  expect(made.map(({ kind }) => kind).sort()).toEqual(['created', 'same', 'same']);
  expect(await database.db.select().from(schedules).where(eq(schedules.name, 'race'))).toHaveLength(1);
  expect(await database.db.select().from(accounts)).toHaveLength(1);
  const [row] = await database.db.execute<{ n: number }>(
    sql`select count(*)::int as n from audit where action = 'schedule.create' and subject = 'race'`,
  );
  expect(row?.n).toBe(1);
});
