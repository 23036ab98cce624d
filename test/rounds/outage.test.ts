import { sql } from 'drizzle-orm';
import { createInstallation, type Installation } from '../setup/installation';
import { type OwnTemporal, ownTemporal } from '../setup/ownTemporal';
import { until } from '../setup/processes';

let here: Installation;
let temporal: OwnTemporal;

beforeAll(async () => {
  temporal = await ownTemporal('outage');
  const { temporalAddress } = await temporal.start();
  here = await createInstallation({ temporalAddress });
  await here.startSite();
}, 60_000);
afterAll(async () => {
  await here.close();
  await temporal.remove();
});

test('labelling goes on while Temporal is down, and the round catches up', async () => {
  const labellers = await here.labellers(3);
  await here.startWorker();
  const roundId = await here.startRound(Array.from({ length: 10 }, (_, i) => ({ prompt: `Question ${i}?` })));
  await until('all places are given', async () => {
    const [row] = await here.database.db.execute<{ n: number }>(sql`select count(*)::int as n from places`);
    return row?.n === 10;
  });

  await temporal.stop();
  const given = await Promise.all(
    labellers.map((labeller) => {
      let left = 10;
      return labeller.work(
        roundId,
        () => ({ verdict: 'aligned' }),
        () => left-- === 0,
      );
    }),
  );
  expect(given.flat()).toHaveLength(30);
  const during = await here.show(roundId);
  expect(during).toMatchObject({ status: 'running', labels: { total: 30 }, items: { open: 10 } });

  await temporal.start();
  const after = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 60_000);
  expect(after.items).toMatchObject({ settled: 10 });
}, 120_000);
