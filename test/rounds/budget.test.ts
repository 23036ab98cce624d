import { createInstallation, type Installation } from '../setup/installation';
import { until } from '../setup/processes';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  await here.startWorker();
}, 60_000);
afterAll(() => here.close());

test('a budget reached in the middle holds the paid calls before it is exceeded, people go on, and a raised one lets it end', async () => {
  const [labeller] = await here.labellers(1);
  const calls = here.model.requests;
  const roundId = await here.startRound(
    Array.from({ length: 30 }, (_, i) => ({ prompt: `Question ${i}?` })),
    {
      overlap: 1,
      models: [{ name: 'small', max_tokens: 10 }],
      prices: { small: { call: 1 } },
      budget: { money: 12 },
      accounts: { default: { concurrency: 5 } },
      tuning: { shard_size: 10, chunk_size: 5, sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
    },
  );
  const held = await here.untilRound(roundId, 'its budget holds it', ({ needsAttention }) => needsAttention !== null);
  expect(held.needsAttention).toBe('the budget is reached');
  expect(calls).toHaveLength(12);
  expect((await here.show(roundId)).status).toBe('paused');

  await here.untilRound(roundId, 'what there is is open', ({ items }) => items.open === 12);
  let given = 0;
  const label = () => {
    given += 1;
    return { verdict: 'aligned' } as const;
  };
  await labeller?.work(roundId, label, () => given === 12);
  await here.untilRound(roundId, 'it is labelled', ({ items }) => items.settled === 12);
  expect(calls).toHaveLength(12);

  const refused = await here.command('round', 'resume', roundId, '--json');
  expect(refused.code).not.toBe(0);
  expect(refused.stdout).toContain('budget');
  const raised = await here.command('round', 'set', roundId, 'budget.money=40', '--why', 'more is granted', '--json');
  expect(raised).toMatchObject({ code: 0 });
  await here.untilRound(roundId, 'the rest is open', ({ items }) => items.open === 18, 60_000);
  expect(calls).toHaveLength(30);
  expect(await here.show(roundId)).toMatchObject({ status: 'running', needsAttention: null });
  await labeller?.work(roundId, label);
  await here.untilRound(roundId, 'it is done', ({ status }) => status === 'done');
  await until('nothing more is asked', async () => calls.length === 30);
}, 120_000);
