import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { shardWorkflowId } from '../../workflows/ids';
import { createInstallation, type Installation } from '../setup/installation';
import { errorReply } from '../setup/modelServer';
import { until } from '../setup/processes';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  // Each part in a process of its own, as in production.
  for (const part of ['rounds', 'models', 'relay']) await here.startWorker({ args: ['--only', part] });
}, 90_000);
afterAll(() => here.close());

const prompts = (n: number) => Array.from({ length: n }, (_, i) => ({ prompt: `Question ${i}?` }));

/** What Temporal's own pages show of a workflow that is running. */
async function detailsOf(workflowId: string): Promise<string> {
  const metadata = await here.temporal.workflow
    .getHandle(workflowId)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
const isClosed = async (workflowId: string) =>
  (await here.temporal.workflow.getHandle(workflowId).describe()).status.name !== 'RUNNING';
const openPlaces = async (roundId: RoundId) => {
  const [row] = await here.database.db.execute<{ n: number }>(
    sql`select count(*)::int as n from places where round_id = ${roundId}`,
  );
  return row?.n ?? 0;
};

test('a cancelled round makes no further paid call, gives its leases back, and its workflows end', async () => {
  here.model.answer = () => ({ content: 'fine', delayMs: 100 });
  const [labeller] = await here.labellers(3);
  const roundId = await here.startRound(prompts(60), {
    accounts: { default: { concurrency: 2 } },
    tuning: { shard_size: 10, chunk_size: 5, window: 2, sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
  });
  await until('a shard is open', async () => (await openPlaces(roundId)) > 0);
  const leased = await labeller?.next(roundId);
  if (!leased || !('assignment' in leased)) throw new Error('nothing was leased');

  expect((await here.command('round', 'cancel', roundId, '--json')).code).toBe(0);
  const asked = here.model.requests.length;
  await until('all workflows are closed', async () => {
    for (const id of [roundId, shardWorkflowId(roundId, 0), shardWorkflowId(roundId, 1)])
      if (!(await isClosed(id))) return false;
    return true;
  });
  // What was in flight when it was cancelled was answered; nothing was asked afterwards.
  expect(here.model.requests.length - asked).toBeLessThanOrEqual(2);
  const view = await here.show(roundId);
  expect(view).toMatchObject({ status: 'cancelled', calls: { inFlight: 0 } });
  expect(view.calls.completed).toBe(view.items.generated);
  expect(await labeller?.next(roundId)).toEqual({ reason: 'none-left' });
  const late = await labeller?.label(leased.assignment.id, { verdict: 'aligned' });
  expect(late).toMatchObject({ status: 410, body: { error: { kind: 'too-late' } } });
  const [taken] = await here.database.db.execute(
    sql`select sum(taken)::int as taken from item_arms where round_id = ${roundId}`,
  );
  expect(taken).toEqual({ taken: 0 });
  expect((await here.command('round', 'cancel', roundId, '--json')).code).toBe(0);
});

test('a round and a shard tell where they stand in Temporal, in counts and codes', async () => {
  here.model.answer = () => ({ content: 'fine' });
  const roundId = await here.startRound(prompts(4));
  await until('all are open', async () => (await openPlaces(roundId)) === 4);
  await until('the round says so', async () => /4 open/.test(await detailsOf(roundId)));
  expect(await detailsOf(roundId)).toMatch(/\*\*running\*\*[\s\S]*1 labelling[\s\S]*4 open/);
  expect(await detailsOf(shardWorkflowId(roundId, 0))).toMatch(/\*\*labelling\*\*[\s\S]*4 open/);
  await here.command('round', 'cancel', roundId);
});

test('a shard opens what it has while an account keeps the rest waiting, and the rest when it comes', async () => {
  let limited = true;
  here.model.answer = ({ body }) =>
    body.model === 'slow' && limited
      ? errorReply(429, 'rate_limit_exceeded', 'wait', { 'retry-after': '7' })
      : { content: 'fine' };
  const roundId = await here.startRound(prompts(5), {
    models: ['quick', { name: 'slow', account: 'other' }],
    accounts: { other: { base_url: here.model.baseUrl.replace('127.0.0.1', 'localhost'), key_env: 'OPENAI_API_KEY' } },
    one_per_prompt: false,
  });
  await until('the quick half is open', async () => (await openPlaces(roundId)) === 5, 6_000);
  expect((await here.show(roundId)).items).toMatchObject({ total: 10, generated: 5, open: 5 });
  limited = false;
  await until('the slow half too', async () => (await openPlaces(roundId)) === 10, 20_000);
  await here.command('round', 'cancel', roundId);
}, 60_000);

test('a shard whose workflow was ended by hand is woken by the sweep', async () => {
  here.model.answer = () => ({ content: 'fine' });
  const labellers = await here.labellers(3);
  const roundId = await here.startRound(prompts(3));
  await until('all are open', async () => (await openPlaces(roundId)) === 3);
  await here.temporal.workflow.getHandle(shardWorkflowId(roundId, 0)).terminate('by hand');
  await until('it runs again', async () => !(await isClosed(shardWorkflowId(roundId, 0))));
  await Promise.all(labellers.map((labeller) => labeller.work(roundId, () => ({ verdict: 'aligned' }))));
  await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
});

test('a workflow cancelled in Temporal cancels its round', async () => {
  const roundId = await here.startRound(prompts(3));
  await until('all are open', async () => (await openPlaces(roundId)) === 3);
  await here.temporal.workflow.getHandle(roundId).cancel();
  const view = await here.untilRound(roundId, 'the row says so', ({ status }) => status === 'cancelled');
  expect(view.statusReason).toMatch(/cancelled in Temporal/);
});
