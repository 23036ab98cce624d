import { sql } from 'drizzle-orm';
import { connect } from '../../db/connection';
import { createInstallation, type Installation } from '../setup/installation';
import { until } from '../setup/processes';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
}, 60_000);
afterAll(() => here.close());

/** The key of a lock that keeps a draw from going on. */
const HELD = 4_711;

const prompts = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `p${i}`, prompt: `Question ${i}?` }));

test('a worker killed in generation and in labelling costs no label and at most the calls in flight', async () => {
  const concurrency = 6;
  here.model.answer = ({ body }) => ({ content: `answer to ${body.messages[0]?.content}`, delayMs: 60 });
  const labellers = await here.labellers(3);
  let worker = await here.startWorker();
  const roundId = await here.startRound(prompts(60), {
    accounts: { default: { concurrency } },
    generation: { timeout: '3s', retry_delay: '100ms' },
    tuning: { shard_size: 30, chunk_size: 5, sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
  });

  await until('some completions', () => here.model.requests.length > 20);
  await worker.kill();
  const inFlight = here.model.mostInFlight;
  expect(inFlight).toBeLessThanOrEqual(concurrency);
  worker = await here.startWorker();

  const working = Promise.all(labellers.map((labeller) => labeller.work(roundId, () => ({ verdict: 'aligned' }))));
  await until('some labels', async () => (await here.show(roundId)).labels.total > 40, 60_000);
  await worker.kill();
  await until('labels given without any worker', async () => (await here.show(roundId)).labels.total > 60);
  const last = await here.startWorker();

  const acknowledged = (await working).flat();
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 60_000);
  expect(view.items).toMatchObject({ total: 60, settled: 60 });
  expect(new Set(acknowledged).size).toBe(180);
  const stored = await here.database.db.execute<{ id: string }>(sql`select id from labels where withdrawn_at is null`);
  expect(stored.map((row) => row.id).sort()).toEqual([...acknowledged].sort());
  // Paid twice at most: what was in flight when the worker died.
  expect(here.model.requests.length).toBeLessThanOrEqual(60 + concurrency);
  expect(view.calls.completed).toBe(60);
  await last.stop();
}, 180_000);

test('a worker that is asked to stop saves the calls under way, and nothing is paid for twice', async () => {
  here.model.answer = () => ({ content: 'fine', delayMs: 300 });
  here.model.requests.length = 0;
  const worker = await here.startWorker();
  const roundId = await here.startRound(prompts(20), { accounts: { default: { concurrency: 4 } } });
  await until('some calls', () => here.model.requests.length > 6);
  expect(await worker.stop()).toBe(0);
  const view = await here.show(roundId);
  expect(view.calls).toMatchObject({ inFlight: 0, total: here.model.requests.length });
  expect(view.calls.completed).toBe(here.model.requests.length);
  await here.startWorker();
  await here.untilRound(roundId, 'all are generated', ({ items }) => items.generated === 20, 60_000);
  expect(here.model.requests).toHaveLength(20);
}, 120_000);

test('the first shards are called and labelled while others are drawn; a worker killed meanwhile costs no item', async () => {
  here.model.answer = () => ({ content: 'fine' });
  here.model.requests.length = 0;
  const { db, url } = here.database;
  await db.execute(sql`
    create function hold_draw() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(${sql.raw(String(HELD))}); return new; end $$`);
  await db.execute(sql`
    create trigger hold_draw before insert on shards for each row when (new.shard >= 2) execute function hold_draw()`);
  const holder = connect(url, { max: 1 });
  try {
    await holder.db.execute(sql`select pg_advisory_lock(${HELD})`);
    const worker = await here.startWorker();
    const [labeller] = await here.labellers(1);
    const roundId = await here.startRound(prompts(40), {
      overlap: 1,
      accounts: { default: { concurrency: 4 } },
      tuning: { shard_size: 10, sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
    });
    await here.untilRound(roundId, 'two shards are open', ({ items }) => items.open === 20);
    const judging = labeller?.work(roundId, () => ({ verdict: 'aligned' }));
    const early = await here.untilRound(roundId, 'they are settled', ({ items }) => items.settled === 20);
    // Nothing is left just now, and the round knows that it is not all.
    expect(early).toMatchObject({ status: 'running', drawnAt: null, items: { total: 20 }, costs: { forecast: null } });
    await worker.kill();
    await holder.close();
    await here.startWorker();
    expect(await judging).toHaveLength(40);
    const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 60_000);
    expect(view).toMatchObject({ drawnAt: expect.any(String), items: { total: 40, settled: 40 } });
    expect(here.model.requests).toHaveLength(40);
  } finally {
    await holder.close();
    await db.execute(sql`drop trigger hold_draw on shards`);
  }
}, 120_000);
