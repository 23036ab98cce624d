import { eq, sql } from 'drizzle-orm';
import { connect, type Db } from '../../../db/connection';
import { budgetLeavesRoom, holdIfSpent, releaseHold, spentOf } from '../../../db/generation/budget';
import { claimCalls, giveBackClaim } from '../../../db/generation/claims';
import { saveCompletions } from '../../../db/generation/completions';
import { endCall, type FailedCall, refund } from '../../../db/generation/failures';
import { outbox, rounds } from '../../../db/schema';
import type { Budget, Cost } from '../../../domain/money';
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
  round = await openRound(database.db, { items: 40, pendingFrom: 0 });
  await database.db.execute(sql`insert into round_spending (round_id) values (${round.id})`);
});

const CALL: Cost = { money: 0.3, tokens: 100 };

async function give(budget: Budget): Promise<void> {
  await database.db.execute(
    sql`update rounds set settings = settings || jsonb_build_object('budget', ${JSON.stringify(budget)}::jsonb) where id = ${round.id}`,
  );
}
async function claim(from: number, to = from + 1, db: Db = database.db, reserve = CALL) {
  const items = round.items.slice(from, to).map(({ id }) => id);
  return claimCalls(
    db,
    items.map((itemId) => ({ itemId, turn: 0, claimMs: 60_000, reserve })),
  );
}
type Made = Awaited<ReturnType<typeof claim>>[number];
const made = (claims: readonly Made[]) => claims.flatMap((each) => ('callId' in each ? [each] : []));
const finish = (callId: number, item: number, cost: Cost | null) =>
  database.db.transaction((tx) =>
    saveCompletions(tx, [finishedCall({ callId, itemId: nth(round.items, item).id, cost })]),
  );
const hold = (need = CALL) => database.db.transaction((tx) => holdIfSpent(tx, round.id, need));
const held = async () =>
  (await database.db.select({ code: rounds.heldCode }).from(rounds).where(eq(rounds.id, round.id)))[0]?.code;
/** The counter beside the calls, and what the calls themselves add up to. */
async function sums() {
  const [row] = await database.db.execute<Record<'counted' | 'added' | 'counted_tokens' | 'added_tokens', number>>(sql`
    select (select money from round_spending where round_id = ${round.id})::float8 as counted,
      (select tokens from round_spending where round_id = ${round.id})::float8 as counted_tokens,
      coalesce(sum(coalesce(money, reserved_money)), 0)::float8 as added,
      coalesce(sum(coalesce(tokens, reserved_tokens)), 0)::float8 as added_tokens
    from generation_calls where round_id = ${round.id}`);
  return row;
}

test('calls are claimed up to the budget and no further, whoever asks at once', async () => {
  await give({ money: 1, tokens: null });
  const connections = Array.from({ length: 8 }, () => connect(database.url, { max: 1 }));
  const claims = await Promise.all(connections.map(({ db }, i) => claim(i * 5, i * 5 + 5, db)));
  await Promise.all(connections.map(({ close }) => close()));
  expect(made(claims.flat())).toHaveLength(3);
  expect(claims.flat()).toHaveLength(40);
  expect(claims.flat().filter((each) => 'overBudget' in each)[0]).toMatchObject({ overBudget: CALL });
  expect(await sums()).toMatchObject({ counted: 0.9, added: 0.9 });
});

test('a budget in tokens holds as well, and a round without one is never held', async () => {
  await give({ money: null, tokens: 250 });
  expect(made(await claim(0, 5))).toHaveLength(2);
  await give({ money: null, tokens: null });
  expect(made(await claim(5, 40))).toHaveLength(35);
  expect(await hold()).toBe(false);
});

test('what calls under way have reserved but may not cost is waited for, not held against the round', async () => {
  await give({ money: 1, tokens: null });
  const claims = made(await claim(0, 5));
  expect(await hold()).toBe(false);
  for (const [i, { callId }] of claims.entries()) await finish(callId, i, { money: 0.01, tokens: 10 });
  expect(await sums()).toMatchObject({ counted: 0.03, added: 0.03, counted_tokens: 30, added_tokens: 30 });
  expect(made(await claim(5, 10))).toHaveLength(3);
  expect(await held()).toBeNull();
});

test('a call that would exceed the budget for good holds the round, wakes its shards, and is taken back by a larger one', async () => {
  await give({ money: 0.7, tokens: null });
  for (const [i, { callId }] of made(await claim(0, 2)).entries()) await finish(callId, i, null);
  expect(made(await claim(2))).toEqual([]);
  expect(await hold()).toBe(true);
  expect(await hold()).toBe(true);
  expect(await held()).toBe('budget');
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
  expect(row?.needsAttention).toBe('the budget is reached');
  expect(await database.db.select().from(outbox).where(eq(outbox.roundId, round.id))).toHaveLength(2);
  expect(await claim(2, 3, database.db, { money: 0, tokens: 0 })).toEqual([]);
  await give({ money: 5, tokens: null });
  expect(await budgetLeavesRoom(database.db, round.id)).toBe(true);
  expect(await releaseHold(database.db, round.id)).toBe(true);
  expect(await releaseHold(database.db, round.id)).toBe(false);
  expect(made(await claim(2))).toHaveLength(1);
});

async function ended(call: FailedCall): Promise<void> {
  if (await endCall(database.db, call)) await refund(database.db, call.callId);
}

test('a refusal costs nothing; a call that nobody heard of again stays charged with what it reserved', async () => {
  const [first, second] = made(await claim(0, 2));
  const failed = { requestId: null, outcome: 'retryable' } as const;
  await ended({ ...failed, callId: first?.callId ?? 0, httpStatus: 500, errorCode: 'http-500' });
  await ended({ ...failed, callId: second?.callId ?? 0, httpStatus: null, errorCode: 'timeout' });
  await ended({ ...failed, callId: second?.callId ?? 0, httpStatus: 500, errorCode: 'again' });
  const [third] = made(await claim(2));
  await ended({ ...failed, callId: third?.callId ?? 0, httpStatus: null, errorCode: 'not-connected' });
  expect(await sums()).toMatchObject({ counted: 0.3, added: 0.3, counted_tokens: 100, added_tokens: 100 });
  expect((await spentOf(database.db, round.id)).inFlight).toEqual({ money: 0, tokens: 0 });
});

test('a claim whose call was not made leaves nothing behind', async () => {
  const [first] = made(await claim(0));
  await giveBackClaim(database.db, first?.callId ?? 0);
  expect(await sums()).toMatchObject({ counted: 0, added: 0, counted_tokens: 0, added_tokens: 0 });
  expect(made(await claim(0))).toHaveLength(1);
});
