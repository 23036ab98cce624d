import { eq, sql } from 'drizzle-orm';
import { claimCalls } from '../../../db/generation/claims';
import { saveCompletions } from '../../../db/generation/completions';
import { modelIsBack, noteModelFailure } from '../../../db/generation/parking';
import { roundModels, rounds } from '../../../db/schema';
import { FAILURES_TO_PARK } from '../../../domain/limits';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { finishedCall } from '../../setup/finishedCall';
import { nth, type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
let round: OpenRound;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  round = await openRound(database.db, { items: 60, pendingFrom: 0 });
});

async function claim(from: number, to = from + 1): Promise<number[]> {
  const reserve = { money: 0, tokens: 0 };
  const asked = round.items.slice(from, to).map(({ id }) => ({ itemId: id, turn: 0, claimMs: 60_000, reserve }));
  const made = await claimCalls(database.db, asked);
  return made.flatMap((each) => ('callId' in each ? [each.callId] : []));
}
const modelId = () => nth(round.items, 0).modelId;
const fail = (callId: number, code = 'http-503') =>
  database.db.transaction((tx) => noteModelFailure(tx, round.id, modelId(), { callId, code }));
const model = async () => (await database.db.select().from(roundModels).where(eq(roundModels.roundId, round.id)))[0];
const attention = async () =>
  (await database.db.select({ what: rounds.needsAttention }).from(rounds).where(eq(rounds.id, round.id)))[0]?.what;
const lookNow = () => database.db.execute(sql`update round_models set retry_at = now() where round_id = ${round.id}`);

async function park(): Promise<number[]> {
  const calls = await claim(0, FAILURES_TO_PARK + 10);
  for (const callId of calls) await fail(callId);
  return calls;
}

test('a model is parked by as many like failures in a row as the rule says; another failure begins the count anew', async () => {
  const calls = await claim(0, FAILURES_TO_PARK + 5);
  for (const callId of calls.slice(0, FAILURES_TO_PARK - 1)) await fail(callId);
  await fail(calls[FAILURES_TO_PARK - 1] ?? 0, 'timeout');
  expect(await model()).toMatchObject({ failures: 1, parkedAt: null });
  expect(await claim(40)).toHaveLength(1);
});

test('failures that were under way when it was parked do not put off the next look', async () => {
  await park();
  const parked = await model();
  expect(parked).toMatchObject({ failures: FAILURES_TO_PARK, failureCode: 'http-503' });
  const wait = (parked?.retryAt?.getTime() ?? 0) - (parked?.parkedAt?.getTime() ?? 0);
  expect(wait).toBe(10_000);
  expect(await attention()).toBe(`model ${modelId()} is parked: http-503`);
  expect(await claim(40, 60)).toEqual([]);
});

test('one call at a time looks at it; each that fails makes the next look rarer', async () => {
  await park();
  await lookNow();
  const looks = await claim(40, 60);
  expect(looks).toHaveLength(1);
  expect(await claim(45, 60)).toEqual([]);
  await fail(looks[0] ?? 0);
  const after = await model();
  expect(after?.failures).toBe(FAILURES_TO_PARK + 1);
  expect((after?.retryAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(15_000);
});

test('one answer brings it back, and takes the word for the operator with it', async () => {
  await park();
  await lookNow();
  const [callId = 0] = await claim(40);
  const { back } = await database.db.transaction((tx) =>
    saveCompletions(tx, [finishedCall({ callId, itemId: nth(round.items, 40).id })]),
  );
  for (const one of back) await modelIsBack(database.db, one.roundId, one.modelId);
  expect(await model()).toMatchObject({ failures: 0, parkedAt: null, retryAt: null });
  expect(await attention()).toBeNull();
  expect(await claim(41, 60)).toHaveLength(19);
});
