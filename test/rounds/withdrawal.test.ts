import { sql } from 'drizzle-orm';
import { createInstallation, type Installation } from '../setup/installation';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  await here.startWorker();
}, 60_000);
afterAll(() => here.close());

test('a label withdrawn from a finished round wakes its shard, is given anew, and the round is measured anew', async () => {
  const labellers = await here.labellers(3);
  const roundId = await here.startRound([{ prompt: 'One?' }, { prompt: 'Two?' }], { rule: 'unanimity' });
  await Promise.all(labellers.map((labeller) => labeller.work(roundId, () => ({ verdict: 'aligned' }))));
  const before = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  expect(before.byModel[0]?.verdicts).toMatchObject({ aligned: 2 });

  const [label] = await here.database.db.execute<{ id: string }>(sql`select id from labels limit 1`);
  const withdrawn = await here.command(
    'label',
    'withdraw',
    String(label?.id),
    '--why',
    'pressed the wrong key',
    '--json',
  );
  expect(withdrawn.code).toBe(0);
  const reopened = await here.show(roundId);
  expect(reopened).toMatchObject({ status: 'running', labels: { total: 6, withdrawn: 1 } });
  await here.untilRound(roundId, 'the item is open again', ({ items }) => items.open === 1);

  await Promise.all(labellers.map((labeller) => labeller.work(roundId, () => ({ verdict: 'misaligned' }))));
  const contested = await here.untilRound(
    roundId,
    'the dissent contests the item',
    ({ items }) => items.contested === 1,
  );
  expect(contested.status).toBe('running');

  // At the deadline the contested item ends as unresolved, and the round is measured a second time.
  await here.database.db.execute(sql`update rounds set deadline_at = now() where id = ${roundId}`);
  const after = await here.untilRound(roundId, 'the round is done again', ({ status }) => status === 'done');
  expect(after.labels).toEqual({ total: 7, withdrawn: 1 });
  expect(after.byModel[0]?.verdicts).toMatchObject({ aligned: 1, unresolved: 1 });
  const measured = await here.database.db.execute(sql`select id from measurements where round_id = ${roundId}`);
  expect(measured).toHaveLength(2);

  // After the deadline an act counts at once: without the dissent and below the overlap nothing is settled.
  const [dissent] = await here.database.db.execute<{ id: string }>(
    sql`select id from labels where answers->>'verdict' = 'misaligned' and withdrawn_at is null`,
  );
  await here.command('label', 'withdraw', String(dissent?.id), '--why', 'said so');
  const last = await here.untilRound(
    roundId,
    'a third measurement',
    ({ status, labels }) => status === 'done' && labels.withdrawn === 2,
  );
  expect(last.byModel[0]?.verdicts).toMatchObject({ aligned: 1, unresolved: 1 });
}, 90_000);
