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

/** The keys of locks that keep rows from being stored: of a draw's shards, of what shards are told. */
const HELD = { shards: 4_711, outbox: 4_712 };

const drawnByTens = {
  overlap: 1,
  accounts: { default: { concurrency: 4 } },
  tuning: { shard_size: 10, sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
};
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

/** Keeps such rows from being stored or changed. @returns what lets them go on. */
async function hold(table: keyof typeof HELD, when: string): Promise<() => Promise<void>> {
  const { db, url } = here.database;
  const key = HELD[table];
  const holder = connect(url, { max: 1 });
  await holder.db.execute(sql`select pg_advisory_lock(${key})`);
  await db.execute(
    sql.raw(`
    create or replace function hold_${table}() returns trigger language plpgsql as $$ begin
      if ${when} then perform pg_advisory_xact_lock(${key}); end if;
      return new;
    end $$;
    create or replace trigger hold_${table} before insert or update on ${table} for each row execute function hold_${table}()`),
  );
  return () => holder.close();
}
/** Keeps draws from storing shards from this one on. */
const holdDraws = (from: number) => hold('shards', `tg_op = 'INSERT' and new.shard >= ${from}`);
/** Keeps shards from being told anything. */
const holdShardMessages = () => hold('outbox', `tg_op = 'INSERT' and new.shard is not null`);

test('the first shards are called and labelled while others are drawn; a worker killed meanwhile costs no item', async () => {
  here.model.answer = () => ({ content: 'fine' });
  here.model.requests.length = 0;
  const goOn = await holdDraws(2);
  const worker = await here.startWorker();
  const [labeller] = await here.labellers(1);
  const roundId = await here.startRound(prompts(40), drawnByTens);
  await here.untilRound(roundId, 'two shards are open', ({ items }) => items.open === 20);
  const judging = labeller?.work(roundId, () => ({ verdict: 'aligned' }));
  const early = await here.untilRound(roundId, 'they are settled', ({ items }) => items.settled === 20);
  // Nothing is left just now, and the round knows that it is not all.
  expect(early).toMatchObject({ status: 'running', drawnAt: null, items: { total: 20 }, costs: { forecast: null } });
  await worker.kill();
  await goOn();
  await here.startWorker();
  expect(await judging).toHaveLength(40);
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 60_000);
  expect(view).toMatchObject({ drawnAt: expect.any(String), items: { total: 40, settled: 40 } });
  expect(here.model.requests).toHaveLength(40);
}, 120_000);

test('a round that stands still and passes its deadline while it is drawn ends all the same', async () => {
  const goOn = await holdDraws(1);
  const roundId = await here.startRound(prompts(40), drawnByTens);
  await here.untilRound(roundId, 'a shard is open', ({ items }) => items.open === 10);
  expect((await here.command('round', 'pause', roundId, '--why', 'not yet')).code).toBe(0);
  await here.command('round', 'set', roundId, 'deadline=now+1s', '--why', 'it is too late');
  await here.untilRound(roundId, 'what is drawn has ended', ({ items }) => items.unresolved === 10);
  await goOn();
  const view = await here.untilRound(roundId, 'the round has ended', ({ endedAt }) => endedAt !== null, 60_000);
  expect(view).toMatchObject({ drawnAt: expect.any(String), items: { total: 40, open: 0 }, calls: { total: 10 } });
}, 120_000);

test('shards that are drawn while the others are told of the deadline are told of it, too', async () => {
  // The first shard does not end by itself, so that it is one of those to be told.
  const drawOn = await hold('shards', `new.shard >= 1 or new.state = 'done'`);
  const roundId = await here.startRound(prompts(40), drawnByTens);
  await here.untilRound(roundId, 'a shard is open', ({ items }) => items.open === 10);
  expect((await here.command('round', 'pause', roundId, '--why', 'not yet')).code).toBe(0);
  await here.command('round', 'set', roundId, 'deadline=now+3s', '--why', 'it is too late');
  const tellOn = await holdShardMessages();
  await until('both the draw and the telling are held', async () => {
    const [row] = await here.database.db.execute<{ n: number }>(sql`
      select count(distinct objid)::int as n from pg_locks
      where locktype = 'advisory' and not granted and objid in (${HELD.shards}, ${HELD.outbox})
        and database = (select oid from pg_database where datname = current_database())`);
    return row?.n === 2;
  });
  await drawOn();
  await until('the workflow knows that all is drawn', () => hasCompleted(roundId, 'samplePrompts'));
  await tellOn();
  const view = await here.untilRound(roundId, 'the round has ended', ({ endedAt }) => endedAt !== null, 60_000);
  expect(view).toMatchObject({ drawnAt: expect.any(String), items: { total: 40, open: 0 }, calls: { total: 10 } });
}, 120_000);

async function hasCompleted(workflowId: string, activity: string): Promise<boolean> {
  const { events = [] } = await here.temporal.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = (events ?? [])
    .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity)
    .map(({ eventId }) => String(eventId));
  return (events ?? []).some((event) =>
    scheduled.includes(String(event.activityTaskCompletedEventAttributes?.scheduledEventId)),
  );
}
