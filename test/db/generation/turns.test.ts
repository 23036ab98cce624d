import { asc, eq, sql } from 'drizzle-orm';
import { connect } from '../../../db/connection';
import { claimCalls } from '../../../db/generation/claims';
import { type FinishedCall, saveCompletions } from '../../../db/generation/completions';
import { endCall, failItems } from '../../../db/generation/failures';
import { pendingOfChunk } from '../../../db/generation/plan';
import { generationCalls, items, itemTurns } from '../../../db/schema';
import { hashText } from '../../../domain/text';
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
  const messages = [
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: null },
    { role: 'user', content: 'Two?' },
  ];
  round = await openRound(database.db, { items: 2, pendingFrom: 0, messages });
});

const FREE = { money: 0, tokens: 0 };
const itemId = () => nth(round.items, 0).id;

/** @returns the call's id; undefined where none may be made. */
async function claim(turn: number, claimMs = 60_000): Promise<number | undefined> {
  const [made] = await claimCalls(database.db, [{ itemId: itemId(), turn, claimMs, reserve: FREE }]);
  return made && 'callId' in made ? made.callId : undefined;
}
async function runOut(turn: number): Promise<number | undefined> {
  const callId = await claim(turn, 1);
  await database.db.execute(sql`select pg_sleep(0.01)`);
  return callId;
}

const finished = (callId: number | undefined, turn: number, message: string) =>
  finishedCall({ callId: callId ?? 0, itemId: itemId(), turn, last: turn === 1, message });
const save = async (...calls: FinishedCall[]) =>
  (await database.db.transaction((tx) => saveCompletions(tx, calls))).own;

async function stored() {
  const turns = await database.db.select().from(itemTurns).where(eq(itemTurns.itemId, itemId()));
  const calls = await database.db
    .select()
    .from(generationCalls)
    .where(eq(generationCalls.itemId, itemId()))
    .orderBy(asc(generationCalls.id));
  const [item] = await database.db.select().from(items).where(eq(items.id, itemId()));
  return {
    said: turns.map(({ turn, completionHash }) => [turn, completionHash]),
    calls: calls.map(({ turn, outcome }) => `${turn} ${outcome}`),
    state: item?.state,
    completion: item?.completionHash,
  };
}
async function pending() {
  const [item] = await database.db.select().from(items).where(eq(items.id, itemId()));
  if (!item) throw new Error('no item');
  const chunk = { roundId: round.id, shard: 0, accountId: round.accountId, chunk: 0 };
  return (await pendingOfChunk(database.db, chunk, 25))[0];
}

test('a turn is claimed only when it is the item’s next', async () => {
  expect(await claim(1)).toBeUndefined();
  const first = await claim(0);
  expect(await claim(0)).toBeUndefined();
  expect(await save(finished(first, 0, '"one"'))).toEqual(new Set([first]));
  expect(await claim(0)).toBeUndefined();
  expect(await claim(2)).toBeUndefined();
  expect(await pending()).toMatchObject({ played: [hashText('"one"')], tries: 0, claimedForMs: 0 });
  const second = await claim(1);
  await save(finished(second, 1, '"two"'));
  expect(await stored()).toEqual({
    said: [[0, hashText('"one"')]],
    calls: ['0 completed', '1 completed'],
    state: 'generated',
    completion: hashText('"two"'),
  });
});

test('of twenty connections that claim a second turn at once, one may call', async () => {
  await save(finished(await claim(0), 0, '"one"'));
  const connections = Array.from({ length: 20 }, () => connect(database.url, { max: 1 }));
  const claims = await Promise.all(
    connections.map(({ db }) => claimCalls(db, [{ itemId: itemId(), turn: 1, claimMs: 60_000, reserve: FREE }])),
  );
  await Promise.all(connections.map(({ close }) => close()));
  expect(claims.flat()).toHaveLength(1);
});

test('of two that ask for different turns at the same time, who is at the right one may call', async () => {
  await save(finished(await claim(0), 0, '"one"'));
  const asked = [0, 1, 1, 2].map((turn) => ({ itemId: itemId(), turn, claimMs: 60_000, reserve: FREE }));
  expect(await claimCalls(database.db, asked)).toEqual([{ callId: expect.any(Number), itemId: itemId(), turn: 1 }]);
});

test('whoever gives an item up at a turn that was answered meanwhile does not end it', async () => {
  await save(finished(await claim(0), 0, '"one"'));
  await failItems(database.db, [itemId()], 'tries-exhausted', 0);
  expect((await stored()).state).toBe('pending');
  await failItems(database.db, [itemId()], 'tries-exhausted', 1);
  expect((await stored()).state).toBe('failed');
});

test('of two answers in one turn the first is what was said, the second is surplus, however late it comes', async () => {
  const slow = await runOut(0);
  const quick = await claim(0);
  expect(await save(finished(quick, 0, '"quick"'))).toEqual(new Set([quick]));
  const next = await claim(1);
  expect(await save(finished(slow, 0, '"slow"'), finished(next, 1, '"last"'))).toEqual(new Set([next]));
  expect(await stored()).toMatchObject({
    said: [[0, hashText('"quick"')]],
    calls: ['0 surplus', '0 completed', '1 completed'],
    completion: hashText('"last"'),
  });
});

test('two answers in one turn that are saved together are told apart as well', async () => {
  const [one, two] = [await runOut(0), await claim(0)];
  expect(await save(finished(two, 0, '"two"'), finished(one, 0, '"one"'))).toEqual(new Set([one]));
  expect((await stored()).calls).toEqual(['0 completed', '0 surplus']);
});

test('saving a turn twice changes nothing, and whoever does is not told that it is theirs', async () => {
  const call = finished(await claim(0), 0, '"one"');
  await save(call);
  const before = await stored();
  expect(await save(call)).toEqual(new Set());
  expect(await stored()).toEqual(before);
});

test('tries and claims are those of the turn that is next', async () => {
  const failed = { outcome: 'retryable' as const, httpStatus: 500, errorCode: 'http-500', requestId: null };
  await endCall(database.db, { ...failed, callId: (await claim(0)) ?? 0 });
  expect(await pending()).toMatchObject({ played: [], tries: 1 });
  await save(finished(await claim(0), 0, '"one"'));
  expect(await pending()).toMatchObject({ tries: 0, claimedForMs: 0 });
  await runOut(1);
  expect(await pending()).toMatchObject({ tries: 1, claimedForMs: 0 });
  await claim(1);
  expect((await pending())?.claimedForMs).toBeGreaterThan(1_000);
});

test('the database itself refuses a second completed call of a turn, and one of another turn it does not', async () => {
  const [one, two] = [await runOut(0), await claim(0)];
  await save(finished(one, 0, '"one"'));
  const forced = (turn: number) =>
    database.db.execute(sql`
      update generation_calls set outcome = 'completed', ended_at = now(), turn = ${turn}, completion_hash = ${hashText('"one"')}
      where id = ${two ?? 0}`);
  await expect(forced(0)).rejects.toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ constraint_name: 'generation_calls_paid_once' }) }),
  );
  await forced(1);
});
