/** The commands that steer a round, over rows alone: no workflow is alive. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { readRound } from '../../db/rounds/read';
import { accounts, audit, outbox, roundSpending, rounds } from '../../db/schema';
import type { RunSettings } from '../../domain/spec';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { Desk } from '../setup/desk';
import { nth, type OpenRound, openRound, type RoundOptions } from '../setup/round';
import { runHere } from './inThisProcess';

let database: TestDatabase;
let dir: string;
let round: OpenRound;
let olga: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-steering-'));
  ({ id: olga } = await addPerson(database.db, { name: 'Olga', roles: ['operator'] }));
  await addPerson(database.db, { name: 'Rosa', roles: ['researcher'] });
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  round = await withSettings({}, { items: 2, models: 2, pendingFrom: 0 });
});

async function withSettings(settings: Partial<RunSettings>, options: RoundOptions): Promise<OpenRound> {
  const made = await openRound(database.db, options);
  const { settings: before } = await readRound(database.db, made.id);
  const accountNames = { [made.accountId]: 'default' };
  await database.db
    .update(rounds)
    .set({ settings: { ...before, accountNames, currency: 'USD', ...settings } })
    .where(eq(rounds.id, made.id));
  return made;
}
async function run(...args: string[]) {
  const end = await runHere([...args, '--as', 'Olga', '--json'], dir, { DATABASE_URL: database.url });
  return { code: end.code, json: end.json(), stderr: end.stderr };
}
const set = (...settings: string[]) => run('round', 'set', round.id, ...settings, '--why', 'a test');
const errorOf = async (ran: ReturnType<typeof run>) => {
  const { code, json } = await ran;
  expect(code).not.toBe(0);
  return json[0]?.error;
};
const list = (...args: string[]) => runHere(['round', 'list', ...args, '--json'], dir, { DATABASE_URL: database.url });
const settingsOf = async () => (await readRound(database.db, round.id)).settings;
const model = (n = 0) => `${round.id}-model-${n}`;

test('settings are set one and all, each on record with who, why, from and to', async () => {
  const wanted = {
    'concurrency=40': ['concurrency.default', 1, 40],
    'budget.money=10': ['budget.money', null, 10],
    [`prices.${model()}.output=2.5`]: [`prices.${model()}.output`, null, 2.5],
    [`prices.${model(1)}.call=1`]: [`prices.${model(1)}.call`, null, 1],
    'wages.per_hour=20': ['wages.per_hour', null, 20],
    'groups=b, a': ['groups', [], ['a', 'b']],
    'lease=45m': ['lease', '10m', '45m'],
    'generation.max_tries=7': ['generation.max_tries', 3, 7],
    'generation.timeout=90s': ['generation.timeout', '1s', '90s'],
  };
  const tried = await run('round', 'set', round.id, ...Object.keys(wanted), '--why', 'x', '--dry-run');
  expect(tried).toMatchObject({ code: 0, json: [{ event: 'would-set' }] });
  expect(await settingsOf()).toMatchObject({ maxTries: 3, leaseMs: 600_000 });
  const { code, json } = await set(...Object.keys(wanted));
  expect(code).toBe(0);
  const changes = Object.values(wanted).map(([setting, from, to]) => ({ setting, from, to }));
  expect(json[0]?.changes).toEqual(expect.arrayContaining(changes));
  expect(await settingsOf()).toMatchObject({
    budget: { money: 10, tokens: null },
    prices: { [model()]: { input: 0, output: 2.5, call: 0 } },
    wages: { perHour: 20, groups: {} },
    groups: ['a', 'b'],
    leaseMs: 2_700_000,
    maxTries: 7,
    callTimeoutMs: 90_000,
    timings: { chunkTimeoutMs: 5_400_000 },
  });
  const [account] = await database.db.select().from(accounts).where(eq(accounts.id, round.accountId));
  expect(account?.concurrency).toBe(40);
  const acts = await database.db.select().from(audit).where(eq(audit.roundId, round.id));
  expect(acts).toHaveLength(9);
  expect(new Set(acts.map(({ actor }) => actor))).toEqual(new Set([olga]));
  expect(acts.map(({ detail }) => detail)).toContainEqual({ setting: 'lease', from: '10m', to: '45m', why: 'a test' });
  expect(acts.filter(({ action }) => action === 'account.set')).toMatchObject([{ subject: round.accountId }]);
  expect(await set('lease=45m')).toMatchObject({ code: 0, json: [{ changes: [{ from: '45m', to: '45m' }] }] });
  expect(await database.db.select().from(audit).where(eq(audit.roundId, round.id))).toHaveLength(9);
  expect(await database.db.select().from(outbox).where(eq(outbox.roundId, round.id))).toHaveLength(1);
});

test('a budget in money is refused while a model has no price: it would never be reached', async () => {
  expect(await errorOf(set('budget.money=10'))).toMatchObject({
    kind: 'unpriced',
    at: 'budget.money',
    hint: expect.stringContaining(`prices.${model()}.input=`),
  });
  expect((await settingsOf()).budget).toBeUndefined();
  expect(await errorOf(set('budget.money=10', `prices.${model()}.input=1`))).toMatchObject({
    message: `needs a price for ${model(1)}`,
  });
  const both = [`prices.${model()}.input=1`, `prices.${model(1)}.input=2`];
  expect(await set('budget.money=10', ...both)).toMatchObject({ code: 0 });
});

test('a person reads what was and what is', async () => {
  const args = ['round', 'set', round.id, 'budget.tokens=9000000', 'groups=', '--why', 'x', '--as', 'Olga'];
  const { stdout } = await runHere(args, dir, { DATABASE_URL: database.url });
  expect(stdout).toBe('budget.tokens: none → 9000000\ngroups: everybody as before\n');
});

test('who may take part is changed in the middle: what is in hand is still taken, and who comes back gets what is left', async () => {
  round = await withSettings({}, { items: 4, labellers: [{ groups: ['a'] }, { groups: ['b'] }] });
  const deskOf = (i: number) => new Desk(database.db, round.id, nth(round.labellers, i).id);
  const [anna, ben] = [deskOf(0), deskOf(1)];
  await anna.label();
  const held = await ben.lease();
  expect(await set('groups=a')).toMatchObject({ code: 0 });
  expect(await ben.submit(held.assignmentId)).toMatchObject({ kind: 'accepted' });
  expect(await ben.next()).toEqual({ kind: 'nothing', reason: 'not-qualified' });
  await anna.label();
  expect(await set('groups=a, b')).toMatchObject({ code: 0 });
  expect(await ben.drain()).toHaveLength(1);
  expect(await anna.drain()).toEqual([]);
});

test('what is measured is frozen, and a wrong key or value is told with what to write', async () => {
  for (const frozen of ['overlap=5', 'models.0.name=x', 'seed=4', 'prompts.sample=3', 'confidence=0.9', 'manual=x'])
    expect(await errorOf(set(frozen))).toMatchObject({ kind: 'frozen-setting', hint: /new round/ });
  expect(await errorOf(set('capability=starter@2'))).toMatchObject({ kind: 'frozen-setting', hint: /round amend/ });
  expect(await errorOf(set('tuning.window=3'))).toMatchObject({ kind: 'frozen-setting' });
  expect(await errorOf(set('dedline=+3d'))).toMatchObject({ kind: 'unknown-setting', hint: 'did you mean deadline?' });
  expect(await errorOf(set('generation.max_trys=3'))).toMatchObject({ hint: 'did you mean generation.max_tries?' });
  expect(await errorOf(set('generation.max_tries=0'))).toMatchObject({
    message: /from 1 to 100/,
    at: 'generation.max_tries',
  });
  expect(await errorOf(set('lease=soon'))).toMatchObject({ message: /duration/, at: 'lease' });
  expect(await errorOf(set('concurrency.defualt=3'))).toMatchObject({ hint: 'did you mean default?' });
  expect(await errorOf(set('prices.nope.input=3'))).toMatchObject({ kind: 'unknown-model' });
  expect(await errorOf(set('concurrency'))).toMatchObject({ message: 'has no value' });
  expect(await errorOf(set('lease=1m', 'lease=2m'))).toMatchObject({ message: 'stands here twice' });
  expect(await errorOf(set('lease=x', 'concurrency=0'))).toMatchObject({ total: 2 });
  expect(await errorOf(run('round', 'set', round.id, 'lease=1m', '--why', ' '))).toMatchObject({ at: '--why' });
  expect(await settingsOf()).toMatchObject({ leaseMs: 600_000, maxTries: 3 });
});

test('the deadline is moved from where it is, from now, from the start, or to a moment', async () => {
  const { deadlineAt, createdAt } = await readRound(database.db, round.id);
  const after = async (move: string) => {
    expect(await set(`deadline=${move}`)).toMatchObject({ code: 0 });
    return (await readRound(database.db, round.id)).deadlineAt;
  };
  expect((await after('+3d')).getTime() - deadlineAt.getTime()).toBe(3 * 86_400_000);
  expect((await after('-1d')).getTime() - deadlineAt.getTime()).toBe(2 * 86_400_000);
  expect((await after('14d')).getTime() - createdAt.getTime()).toBe(14 * 86_400_000);
  expect((await after('now+1h')).getTime() - Date.now()).toBeLessThanOrEqual(3_600_000);
  const christmas = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 16);
  expect((await after(`${christmas}Z`)).toISOString()).toBe(`${christmas}:00.000Z`);
  expect(await errorOf(set('deadline=2020-12-24T12:00Z'))).toMatchObject({ message: /has passed/, hint: /now\+3d/ });
  expect(await errorOf(set('deadline=1ms'))).toMatchObject({ message: /has passed/ });
  expect(await errorOf(set('deadline=2026-12-24'))).toMatchObject({ message: /zone/ });
  expect(await errorOf(set('deadline=tomorrow'))).toMatchObject({ at: 'deadline' });
});

test('a deadline that has passed is moved for what is tried again', async () => {
  const ended = { status: 'done' as const, deadlineAt: sql`now() - interval '1 hour'` };
  await database.db.update(rounds).set(ended).where(eq(rounds.id, round.id));
  expect(await errorOf(run('round', 'retry', round.id))).toMatchObject({
    kind: 'deadline-passed',
    hint: /deadline=now\+3d/,
  });
  const moved = await set('deadline=now+3d');
  expect(moved.code).toBe(0);
  expect(moved.stderr).toMatch(/what the old deadline ended stays ended/);
  expect(await run('round', 'retry', round.id)).toMatchObject({ code: 0, json: [{ event: 'retried', items: 0 }] });
});

test('a budget leaves room for a call, and a larger one lets a round go on that held its calls', async () => {
  const prices = {
    [model()]: { input: 0, output: 0, call: 1 },
    [`${round.id}-model-1`]: { input: 0, output: 0, call: 2 },
  };
  round = await withSettings({ budget: { money: 5, tokens: null } }, { items: 2, models: 2, pendingFrom: 0 });
  const { settings } = await readRound(database.db, round.id);
  const own = Object.fromEntries(Object.values(prices).map((price, i) => [`${round.id}-model-${i}`, price]));
  const held = { settings: { ...settings, prices: own }, heldAt: new Date(), heldCode: 'budget' };
  await database.db.update(rounds).set(held).where(eq(rounds.id, round.id));
  await database.db.insert(roundSpending).values({ roundId: round.id, money: 5, tokens: 0 });
  expect(await errorOf(run('round', 'resume', round.id))).toMatchObject({
    kind: 'budget',
    message: /5 of 5 USD/,
    hint: expect.stringContaining(`round set ${round.id} budget.money=10`),
  });
  expect(await errorOf(set('budget.money=5.5'))).toMatchObject({ kind: 'budget', message: /5 USD are spent/ });
  expect(await errorOf(set('budget.money=4'))).toMatchObject({ message: 'is less than what is spent: 5 USD' });
  expect(await readRound(database.db, round.id)).toMatchObject({
    heldCode: 'budget',
    settings: { budget: { money: 5 } },
  });
  const raised = await set('budget=10');
  expect(raised).toMatchObject({ code: 0, json: [{ released: true, changes: [{ from: 5, to: 10 }] }] });
  expect(raised.stderr).toMatch(/makes calls again/);
  expect(await readRound(database.db, round.id)).toMatchObject({ heldAt: null, heldCode: null });
  expect(await set('budget=none')).toMatchObject({ json: [{ changes: [{ to: null }, { to: null }] }] });
});

test('a pause says that the deadline goes on; it and all the others are an operator’s, of a round that lives', async () => {
  const pause = (...more: string[]) => run('round', 'pause', round.id, ...more);
  expect(await errorOf(pause('--why', ' '))).toMatchObject({ at: '--why' });
  const rosa = ['round', 'pause', round.id, '--why', 'x', '--as', 'Rosa', '--json'];
  const refused = await runHere(rosa, dir, { DATABASE_URL: database.url });
  expect(refused.json()).toMatchObject([{ error: { kind: 'not-allowed' } }]);
  const human = ['round', 'pause', round.id, '--why', 'x', '--as', 'Olga'];
  const { stdout } = await runHere(human, dir, { DATABASE_URL: database.url });
  expect(stdout).toMatch(/its deadline goes on: .*round set .* deadline=\+1d/);
  expect(await pause('--why', 'again')).toMatchObject({ code: 0, json: [{ event: 'already-paused' }] });
  expect((await list('--status', 'paused')).json()).toContainEqual(
    expect.objectContaining({ roundId: round.id, status: 'paused', pausedBy: 'Olga', schedule: null }),
  );
  expect((await list('--schedule', 'nightly')).json()).toEqual([]);
  expect((await list('--status', 'pausd')).json()).toMatchObject([{ error: { hint: 'did you mean paused?' } }]);
  expect(await run('round', 'resume', round.id)).toMatchObject({ json: [{ event: 'resumed' }] });
  expect(await run('round', 'resume', round.id)).toMatchObject({ code: 0, json: [{ event: 'not-paused' }] });
  await run('round', 'cancel', round.id);
  for (const verb of [['pause', '--why', 'x'], ['resume'], ['retry'], ['set', 'lease=1m', '--why', 'x']]) {
    const [name = '', ...rest] = verb;
    expect(await errorOf(run('round', name, round.id, ...rest))).toMatchObject({ kind: 'round-ended' });
  }
  expect(await errorOf(run('round', 'retry', 'latest', '--model', 'nope'))).toMatchObject({ kind: 'unknown-model' });
});
