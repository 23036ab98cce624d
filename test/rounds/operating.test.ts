/** What an operator does to a round while it runs: real workers, real Temporal, a real model server. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { createInstallation, type Installation } from '../setup/installation';
import { errorReply } from '../setup/modelServer';
import { type RunningProcess, until } from '../setup/processes';

let here: Installation;
let worker: RunningProcess;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  worker = await here.startWorker();
}, 180_000);
afterAll(() => here.close());

const prompts = (n: number) => Array.from({ length: n }, (_, i) => ({ prompt: `Question ${i}?` }));
const settings = (concurrency: number, more: Record<string, unknown> = {}) => ({
  accounts: { default: { concurrency } },
  tuning: { shard_size: 10, chunk_size: 5, sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
  ...more,
});
const done = async (...args: string[]) => {
  const { code, lines, stderr, stdout } = await here.command('round', ...args, '--json');
  if (code !== 0) throw new Error(`round ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return lines[0];
};
/** The rounds that Temporal finds by a query; its visibility store may be a moment behind. */
async function found(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of here.temporal.workflow.list({ query })) ids.push(workflowId);
  return ids;
}
const isFound = (roundId: RoundId, status: string, attention = false) =>
  until(`Temporal finds it as ${status}`, async () => {
    const query = `PlumblineRoundStatus = "${status}" and PlumblineNeedsAttention = ${attention}`;
    return (await found(`${query} and WorkflowId = "${roundId}"`)).includes(roundId);
  });
const callsOf = async (roundId: RoundId) => {
  const [row] = await here.database.db.execute<{ n: number }>(
    sql`select count(*)::int as n from generation_calls where round_id = ${roundId}`,
  );
  return row?.n ?? 0;
};

test('a pause holds with every worker killed and after they are back; the round goes on where it was', async () => {
  here.model.answer = () => ({ content: 'fine', delayMs: 60 });
  const [labeller] = await here.labellers(3);
  const roundId = await here.startRound(prompts(60), settings(2));
  await here.untilRound(roundId, 'some are open', ({ items }) => items.open > 0);
  const leased = await until('one is leased', async () => {
    const served = await labeller?.next(roundId);
    return served && 'assignment' in served ? served : undefined;
  });
  await worker.kill();
  const paused = await done('pause', roundId, '--why', 'the manual has a mistake');
  expect(paused).toMatchObject({ event: 'paused', deadlineAt: expect.any(String) });
  expect(await labeller?.next(roundId)).toMatchObject({ reason: 'paused' });
  expect((await labeller?.label(leased.assignment.id, { verdict: 'aligned' }))?.status).toBe(200);
  const before = await callsOf(roundId);
  worker = await here.startWorker();
  await isFound(roundId, 'paused');
  expect(await found(`PlumblineRoundStatus = "running" and WorkflowId = "${roundId}"`)).toEqual([]);
  expect(await here.show(roundId)).toMatchObject({ status: 'paused', labels: { total: 1 } });
  expect(await callsOf(roundId)).toBe(before);
  await done('resume', roundId);
  const view = await here.untilRound(
    roundId,
    'all are open',
    ({ items }) => items.generated === 60 && items.open === 60,
  );
  expect(view.calls).toMatchObject({ completed: 60, inFlight: 0 });
  await isFound(roundId, 'running');
  await done('cancel', roundId);
  await isFound(roundId, 'cancelled');
}, 180_000);

test('items that failed while a provider was broken are tried again once it is mended, and the round is measured anew', async () => {
  let broken = true;
  here.model.answer = ({ body }) => {
    const asked = String(body.messages[0]?.content);
    if (asked.includes('bad')) return errorReply(400, 'invalid_request');
    return broken ? errorReply(500, 'server_error') : { content: 'fine' };
  };
  const labellers = await here.labellers(3);
  const roundId = await here.startRound([...prompts(4), { prompt: 'bad' }], settings(4));
  const failed = await here.untilRound(roundId, 'it is done', ({ status }) => status === 'done');
  expect(failed.items.failed).toBe(5);
  await isFound(roundId, 'done');
  broken = false;
  expect(await done('retry', roundId, '--dry-run')).toMatchObject({ event: 'would-retry', items: 4 });
  expect(await done('retry', roundId)).toMatchObject({ items: 4, left: [{ code: 'refused-400', items: 1 }] });
  await here.untilRound(roundId, 'four are open', ({ items }) => items.open === 4);
  await Promise.all(labellers.map((labeller) => labeller.work(roundId, () => ({ verdict: 'aligned' }))));
  const view = await here.untilRound(roundId, 'it is measured anew', ({ status }) => status === 'done');
  expect(view.byModel[0]?.verdicts).toMatchObject({ aligned: 4, failed: 1 });
  expect(view.measurements).toHaveLength(2);
  expect(await done('retry', roundId)).toMatchObject({ event: 'retried', items: 0 });
}, 180_000);

test('a key that is refused fails its items, says so in Temporal, and is tried again on a person’s word', async () => {
  here.model.answer = () => errorReply(401, 'invalid_api_key');
  const roundId = await here.startRound(prompts(12), settings(2));
  await here.untilRound(roundId, 'it is done', ({ status, items }) => status === 'done' && items.failed === 12);
  await isFound(roundId, 'done', true);
  here.model.answer = () => ({ content: 'fine' });
  expect(await done('retry', roundId)).toMatchObject({ items: 12, lifted: [expect.stringContaining('account')] });
  const view = await here.untilRound(roundId, 'all are open', ({ items }) => items.open === 12);
  expect(view.needsAttention).toBeNull();
  await isFound(roundId, 'running', false);
  await done('cancel', roundId);
}, 180_000);

test('more calls at once are made within moments of being allowed', async () => {
  here.model.answer = () => ({ content: 'fine', delayMs: 150 });
  here.model.mostInFlight = 0;
  const roundId = await here.startRound(prompts(120), settings(1));
  await here.untilRound(roundId, 'calls are made one at a time', ({ items }) => items.generated >= 2);
  expect(here.model.mostInFlight).toBe(1);
  const changed = await done('set', roundId, 'concurrency=12', '--why', 'the provider allows it');
  expect(changed).toMatchObject({ changes: [{ setting: 'concurrency.default', from: 1, to: 12 }] });
  await until('many are made at once', () => here.model.mostInFlight >= 8);
  await here.untilRound(roundId, 'all are open', ({ items }) => items.open === 120);
  expect(here.model.mostInFlight).toBeLessThanOrEqual(12);
  await done('cancel', roundId);
}, 180_000);

test('a deadline that is moved earlier holds at once, also where no workflow would wake for it', async () => {
  here.model.answer = () => ({ content: 'fine' });
  const roundId = await here.startRound(prompts(3), settings(4));
  await here.untilRound(roundId, 'all are open', ({ items }) => items.open === 3);
  await done('set', roundId, 'deadline=now+1s', '--why', 'the paper is due');
  const view = await here.untilRound(roundId, 'it is done', ({ status }) => status === 'done');
  expect(view.items).toMatchObject({ unresolved: 3 });
}, 180_000);
