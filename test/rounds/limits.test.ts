import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { createInstallation, type Installation } from '../setup/installation';
import { errorReply } from '../setup/modelServer';
import { until } from '../setup/processes';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  await here.labellers(1);
}, 60_000);
afterAll(() => here.close());
beforeEach(() => {
  here.model.mostInFlight = 0;
  here.model.requests.length = 0;
});

const prompts = (count: number) => Array.from({ length: count }, (_, i) => ({ prompt: `Question ${i}?` }));
const ONE_LABEL = { overlap: 1 };
/** Small chunks in many shards, so that every worker has some. */
const SPREAD = { shard_size: 20, chunk_size: 5, window: 10, sweep: '1s', heartbeat: '1s', retry_cap: '1s' };

const shares = () =>
  here.database.db.execute<{ worker_id: string; permits: number }>(
    sql`select worker_id, permits from account_permits where expires_at > now() and permits > 0`,
  );
const allOpen = (roundId: RoundId) =>
  here.untilRound(roundId, 'every item is open', ({ items }) => items.open === items.total && items.total > 0, 60_000);
const limitNow = async () => {
  const [row] = await here.database.db.execute<{ permits: number | null }>(
    sql`select permits from accounts where base_url = ${here.model.baseUrl}`,
  );
  return row?.permits ?? null;
};

test('two workers under one account never have more calls in flight than it allows, and a killed one’s share is taken over', async () => {
  here.model.answer = () => ({ content: 'fine', delayMs: 40 });
  const [one] = [await here.startWorker(), await here.startWorker({ args: ['--only', 'models'] })];
  const roundId = await here.startRound(prompts(240), {
    ...ONE_LABEL,
    accounts: { default: { concurrency: 6 } },
    tuning: SPREAD,
  });
  await until('both have a share', async () => (await shares()).length === 2, 30_000);
  await until('they have made some calls', async () => here.model.requests.length > 60, 30_000);
  expect(here.model.mostInFlight).toBeGreaterThan(3);
  expect(here.model.mostInFlight).toBeLessThanOrEqual(6);
  await one?.kill();
  await here.startWorker();
  await allOpen(roundId);
  expect(here.model.mostInFlight).toBeLessThanOrEqual(6);
  const again = here.model.requests.length - 240;
  // What the killed worker had in flight is asked once more.
  expect(again).toBeLessThanOrEqual(6);
}, 120_000);

test('of two accounts each has its own calls in flight, up to what it allows, and neither waits for the other', async () => {
  const calls = { narrow: { now: 0, most: 0, answered: 0 }, wide: { now: 0, most: 0, answered: 0 } };
  here.model.answer = async ({ body }) => {
    const of = calls[body.model as keyof typeof calls];
    of.now += 1;
    of.most = Math.max(of.most, of.now);
    await delay(40);
    of.now -= 1;
    of.answered += 1;
    return { content: 'fine' };
  };
  const roundId = await here.startRound(prompts(60), {
    ...ONE_LABEL,
    one_per_prompt: false,
    models: ['narrow', { name: 'wide', account: 'other' }],
    accounts: {
      default: { concurrency: 2 },
      other: {
        base_url: here.model.baseUrl.replace('127.0.0.1', 'localhost'),
        key_env: 'OPENAI_API_KEY',
        concurrency: 8,
      },
    },
    tuning: SPREAD,
  });
  await until('the wide one is done', () => calls.wide.answered === 60, 60_000);
  expect(calls.narrow.answered).toBeLessThan(60);
  await allOpen(roundId);
  expect(calls.narrow.most).toBe(2);
  expect(calls.wide.most).toBeGreaterThan(2);
  expect(calls.wide.most).toBeLessThanOrEqual(8);
}, 120_000);

test('what one account has answered is opened while another has no quota, without a look of the clock', async () => {
  here.model.answer = ({ body }) =>
    body.model === 'poor' ? errorReply(429, 'insufficient_quota') : { content: 'fine', delayMs: 250 };
  const roundId = await here.startRound(prompts(30), {
    ...ONE_LABEL,
    one_per_prompt: false,
    models: ['rich', { name: 'poor', account: 'spent' }],
    accounts: {
      default: { concurrency: 1 },
      spent: { base_url: here.model.baseUrl.replace('127.0.0.1', '[::ffff:127.0.0.1]'), key_env: 'OPENAI_API_KEY' },
    },
    tuning: { ...SPREAD, shard_size: 60, chunk_size: 60, sweep: '10m' },
  });
  // The other has said that it waits long before this one has done: what comes then comes by itself.
  const opened = async () => {
    const [row] = await here.database.db.execute<{ n: number }>(
      sql`select count(opened_at)::int as n from items where round_id = ${roundId}`,
    );
    return row?.n === 30;
  };
  await until('the rich one is open', opened, 30_000);
  expect((await here.show(roundId)).needsAttention).toMatch(/insufficient-quota/);
  await here.command('round', 'cancel', roundId, '--why', 'the test is over');
}, 60_000);

test('a provider that bears fewer calls is called less after its 429, and the round still ends', async () => {
  const BEARS = 6;
  here.model.answer = () =>
    here.model.inFlight > BEARS
      ? errorReply(429, 'rate_limit_exceeded', 'no', { 'retry-after-ms': '50' })
      : { content: 'fine', delayMs: 30 };
  const roundId = await here.startRound(prompts(200), {
    ...ONE_LABEL,
    accounts: { default: { concurrency: 12 } },
    tuning: SPREAD,
  });
  await until('its limit is cut', async () => (await limitNow()) !== null, 30_000);
  expect(await limitNow()).toBeLessThanOrEqual(10);
  here.model.answer = () => ({ content: 'fine', delayMs: 5 });
  const view = await allOpen(roundId);
  expect(view.items.failed).toBe(0);
}, 120_000);

test('server errors do not cut the limit', async () => {
  await here.database.db.execute(sql`update accounts set permits = null, cut_at = null`);
  here.model.answer = ({ repeat }) => (repeat === 0 ? errorReply(500, 'server_error') : { content: 'fine' });
  await allOpen(await here.startRound(prompts(10), ONE_LABEL));
  expect(await limitNow()).toBeNull();
  const [{ cut_at: cut } = {}] = await here.database.db.execute<{ cut_at: Date | null }>(
    sql`select cut_at from accounts where base_url = ${here.model.baseUrl}`,
  );
  expect(cut).toBeNull();
}, 60_000);

test('a model that fails everywhere is parked with a word for the operator, others go on, and one answer brings it back', async () => {
  here.model.answer = ({ body }) => (body.model === 'broken' ? errorReply(503, 'overloaded') : { content: 'fine' });
  const began = Date.now();
  const roundId = await here.startRound(prompts(60), {
    ...ONE_LABEL,
    one_per_prompt: false,
    models: ['broken', 'whole'],
    generation: { timeout: '5s', retry_delay: '50ms', max_tries: 50 },
    accounts: { default: { concurrency: 10 } },
    tuning: { ...SPREAD, first_look: '200ms' },
  });
  const parked = await here.untilRound(
    roundId,
    'the broken model is parked and the other one open',
    ({ needsAttention, items }) => /model broken is parked: http-503/.test(needsAttention ?? '') && items.open >= 60,
    60_000,
  );
  expect(parked.items.failed).toBeLessThanOrEqual(20);
  const asked = here.model.requests.filter(({ body }) => body.model === 'broken').length;
  here.model.answer = () => ({ content: 'mended' });
  expect(asked).toBeLessThan(120);
  // Each look comes after twice the time of the one before: the next one at most as long from now as all of them have taken.
  const patience = 100_000 + (Date.now() - began);
  const view = await here.untilRound(roundId, 'all are open', ({ items }) => items.open === 120, patience);
  expect(view.needsAttention).toBeNull();
}, 360_000);
