import { eq } from 'drizzle-orm';
import { callForAttention, nothingToAttend } from '../../../db/generation/attention';
import { rounds } from '../../../db/schema';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('what needs a person is kept until it is mended, whatever else comes or goes', async () => {
  const { id } = await openRound(database.db);
  const marks = async () =>
    (await database.db.select({ what: rounds.needsAttention }).from(rounds).where(eq(rounds.id, id)))[0]?.what;
  expect(await callForAttention(database.db, id, 'the budget is reached')).toBe(true);
  expect(await callForAttention(database.db, id, 'the budget is reached')).toBe(false);
  expect(await callForAttention(database.db, id, 'account a is blocked: forbidden')).toBe(true);
  expect(await callForAttention(database.db, id, 'model m is parked: http-503')).toBe(true);
  await nothingToAttend(database.db, 'account a is blocked');
  expect(await marks()).toBe('the budget is reached; model m is parked: http-503');
  await nothingToAttend(database.db, 'model other is parked');
  await nothingToAttend(database.db, 'the budget', id);
  expect(await marks()).toBe('model m is parked: http-503');
  await nothingToAttend(database.db, 'model m is parked', id);
  expect(await marks()).toBeNull();
});
