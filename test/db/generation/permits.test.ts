import { eq, sql } from 'drizzle-orm';
import { connect } from '../../../db/connection';
import { cutPermits } from '../../../db/generation/holds';
import { renewPermits } from '../../../db/generation/permits';
import { accountPermits, accounts } from '../../../db/schema';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
let round: OpenRound;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  round = await openRound(database.db);
  await database.db.update(accounts).set({ concurrency: 10 }).where(eq(accounts.id, round.accountId));
});

const ask = async (workerId: string, wanted: number, { holds = 0, answered = 0, leaseMs = 60_000 } = {}) => {
  const asked = { accountId: round.accountId, workerId, holds, wanted, answered, leaseMs };
  return (await database.db.transaction((tx) => renewPermits(tx, asked))).permits;
};
const account = async () => (await database.db.select().from(accounts).where(eq(accounts.id, round.accountId)))[0];
const given = async () => {
  const rows = await database.db.select().from(accountPermits).where(eq(accountPermits.accountId, round.accountId));
  return rows.reduce((sum, row) => sum + row.permits, 0);
};

test('one worker gets all it wants; a second waits until the first has said that it has less in flight', async () => {
  expect(await ask('one', 25)).toBe(10);
  expect(await ask('two', 25)).toBe(0);
  expect(await ask('one', 25, { holds: 8 })).toBe(8);
  expect(await ask('two', 25)).toBe(2);
  expect(await ask('one', 25, { holds: 3 })).toBe(5);
  expect(await ask('two', 25, { holds: 2 })).toBe(5);
});

test('what one does not want the others have, and what nobody uses is given back', async () => {
  expect(await ask('one', 2)).toBe(2);
  expect(await ask('two', 25)).toBe(8);
  expect(await ask('one', 0)).toBe(0);
  expect(await ask('two', 25, { holds: 8 })).toBe(10);
  expect(await given()).toBe(10);
});

test('a worker that falls silent loses its share with its lease', async () => {
  expect(await ask('gone', 10, { leaseMs: 1 })).toBe(10);
  await database.db.execute(sql`select pg_sleep(0.01)`);
  expect(await ask('here', 10)).toBe(10);
});

test('however many ask at once, never more are given than there are', async () => {
  const connections = Array.from({ length: 12 }, () => connect(database.url, { max: 1 }));
  await Promise.all(
    connections.map(async ({ db }, i) => {
      let holds = 0;
      for (let n = 0; n < 10; n += 1) {
        const asked = { accountId: round.accountId, workerId: `w${i}`, answered: 0, leaseMs: 60_000 };
        const wanted = (i * 7 + n * 3) % 9;
        holds = Math.min(holds, wanted);
        holds = (await db.transaction((tx) => renewPermits(tx, { ...asked, holds, wanted }))).permits;
        expect(await given()).toBeLessThanOrEqual(10);
      }
    }),
  );
  await Promise.all(connections.map(({ close }) => close()));
});

test('a refusal cuts once per cool-down, and answers without one grow it again, slowly', async () => {
  const id = round.accountId;
  for (let i = 0; i < 3; i += 1) await database.db.transaction((tx) => cutPermits(tx, id));
  expect(await account()).toMatchObject({ permits: 8, concurrency: 10 });
  expect(await ask('one', 25, { answered: 100 })).toBe(8);
  await database.db.execute(sql`update accounts set cut_at = now() - interval '1 minute' where id = ${id}`);
  expect(await ask('one', 25, { answered: 1 })).toBe(9);
  expect(await ask('one', 25, { answered: 8 })).toBe(9);
  expect(await ask('one', 25, { answered: 1 })).toBe(10);
  expect(await account()).toMatchObject({ permits: null });
});

test('whose limit is cut below what is in flight gives nothing away that is not free', async () => {
  expect(await ask('one', 10)).toBe(10);
  await database.db.update(accounts).set({ permits: 4 }).where(eq(accounts.id, round.accountId));
  expect(await ask('one', 10, { holds: 9 })).toBe(9);
  expect(await ask('two', 10)).toBe(0);
  expect(await ask('one', 10, { holds: 1 })).toBe(2);
  expect(await ask('two', 10)).toBe(2);
});
