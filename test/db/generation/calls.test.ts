import { eq, sql } from 'drizzle-orm';
import { connect, type Db } from '../../../db/connection';
import { type Claim, claimCalls } from '../../../db/generation/claims';
import { type FinishedCall, saveCompletions } from '../../../db/generation/completions';
import { endCall, failItems } from '../../../db/generation/failures';
import { blockAccount, holdAccount } from '../../../db/generation/holds';
import { pendingOfChunk, planChunks } from '../../../db/generation/plan';
import { accounts, generationCalls, items, rounds } from '../../../db/schema';
import type { ItemId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { finishedCall } from '../../setup/finishedCall';
import { until } from '../../setup/processes';
import { type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
let round: OpenRound;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  round = await openRound(database.db, { items: 4, pendingFrom: 0 });
});

const itemOf = (i: number): ItemId => {
  const item = round.items[i];
  if (!item) throw new Error(`no item ${i}`);
  return item.id;
};
const claimWith = async (db: Db, i: number, claimMs: number): Promise<Claim[]> => {
  const made = await claimCalls(db, [{ itemId: itemOf(i), turn: 0, claimMs, reserve: { money: 0, tokens: 0 } }]);
  return made.flatMap((each) => ('callId' in each ? [each] : []));
};
const claim = (i = 0, claimMs = 60_000) => claimWith(database.db, i, claimMs);
const finished = (callId: number, i: number, message: string) => finishedCall({ callId, itemId: itemOf(i), message });
const save = (...calls: FinishedCall[]) => database.db.transaction((tx) => saveCompletions(tx, calls));

test('of twenty connections that claim an item at once, one may call', async () => {
  const connections = Array.from({ length: 20 }, () => connect(database.url, { max: 1 }));
  const claims = await Promise.all(connections.map(({ db }) => claimWith(db, 0, 60_000)));
  await Promise.all(connections.map(({ close }) => close()));
  expect(claims.flat()).toHaveLength(1);
});

test('a claim keeps others away until it runs out, then the next try begins', async () => {
  expect(await claim(0, 1)).toHaveLength(1);
  await database.db.execute(sql`select pg_sleep(0.01)`);
  const [second] = await claim();
  expect(await claim()).toHaveLength(0);
  const [row] = await database.db
    .select()
    .from(generationCalls)
    .where(eq(generationCalls.id, second?.callId ?? 0));
  expect(row?.try).toBe(2);
});

test('of two answers to one item the first is its completion, the second is kept as surplus', async () => {
  const [first] = await claim(0, 1);
  await database.db.execute(sql`select pg_sleep(0.01)`);
  const [second] = await claim();
  await save(finished(second?.callId ?? 0, 0, '"second"'));
  await save(finished(first?.callId ?? 0, 0, '"first"'));
  const calls = await database.db
    .select()
    .from(generationCalls)
    .where(eq(generationCalls.itemId, itemOf(0)))
    .orderBy(generationCalls.id);
  expect(calls.map((call) => call.outcome)).toEqual(['surplus', 'completed']);
  const [item] = await database.db
    .select()
    .from(items)
    .where(eq(items.id, itemOf(0)));
  expect(item).toMatchObject({ state: 'generated', completionHash: calls[1]?.completionHash });
});

test('of two answers saved at the same moment one is the completion, and neither is lost', async () => {
  for (const i of round.items.keys()) {
    const [first] = await claim(i, 1);
    await database.db.execute(sql`select pg_sleep(0.005)`);
    const [second] = await claim(i);
    const answers = [first, second].map((made, n) => finished(made?.callId ?? 0, i, `"answer ${n}"`));
    await Promise.all(answers.map((answer) => saveCompletions(database.db, [answer])));
    const calls = await database.db
      .select()
      .from(generationCalls)
      .where(eq(generationCalls.itemId, itemOf(i)));
    expect(calls.map(({ outcome }) => outcome).sort()).toEqual(['completed', 'surplus']);
    const [item] = await database.db
      .select()
      .from(items)
      .where(eq(items.id, itemOf(i)));
    expect(item?.completionHash).toBe(calls.find(({ outcome }) => outcome === 'completed')?.completionHash);
  }
});

test('saving twice changes nothing, and one batch takes many items, equal texts among them', async () => {
  const claims = (await Promise.all([0, 1, 2].map((i) => claim(i)))).flat();
  const calls = claims.map((made, i) => finished(made.callId, i, '"the same words"'));
  await save(...calls);
  await save(...calls.map((call) => ({ ...call, finishReason: 'length' })));
  const rows = await database.db.select().from(generationCalls).where(eq(generationCalls.roundId, round.id));
  expect(rows.map((row) => [row.outcome, row.finishReason])).toEqual(Array(3).fill(['completed', 'stop']));
});

test('the database itself refuses a second completed call of an item', async () => {
  const [first] = await claim(0, 1);
  await database.db.execute(sql`select pg_sleep(0.01)`);
  const [second] = await claim();
  await save(finished(first?.callId ?? 0, 0, '"first"'));
  const forced = database.db.execute(sql`
    update generation_calls set outcome = 'completed', ended_at = now(),
      completion_hash = (select completion_hash from items where id = ${itemOf(0)})
    where id = ${second?.callId ?? 0}`);
  await expect(forced).rejects.toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ constraint_name: 'generation_calls_paid_once' }) }),
  );
});

test.each([
  ['cancelled', sql`status = 'cancelled'`],
  ['paused', sql`paused_at = now()`],
  ['past its deadline', sql`deadline_at = now()`],
])('no call is claimed for a round that is %s', async (_how, change) => {
  await database.db.execute(sql`update rounds set ${change} where id = ${round.id}`);
  expect(await claim()).toEqual([]);
});

test('no call is claimed while the account is held back or blocked', async () => {
  const id = round.accountId;
  await holdAccount(database.db, id, 60_000, 'http-429');
  expect(await claim()).toEqual([]);
  await holdAccount(database.db, id, 1, 'http-429');
  expect(await claim()).toEqual([]);
  await database.db.update(accounts).set({ notBefore: null }).where(eq(accounts.id, id));
  await database.db.transaction((tx) => blockAccount(tx, id, 'unauthorized', round.id));
  expect(await claim()).toEqual([]);
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
  expect(row?.needsAttention).toContain('unauthorized');
});

test('tries count what was asked in earnest: rate limits and refused accounts are none', async () => {
  const outcomes = ['rate-limited', 'account-refused', 'retryable'] as const;
  for (const outcome of outcomes) {
    const [made] = await claim();
    await endCall(database.db, { callId: made?.callId ?? 0, outcome, httpStatus: 1, errorCode: 'x', requestId: null });
  }
  const key = { roundId: round.id, shard: 0, accountId: round.accountId, chunk: 0 };
  expect((await pendingOfChunk(database.db, key, 25))[0]).toMatchObject({ tries: 1, claimedForMs: 0 });
});

test('an item that got its completion meanwhile does not fail', async () => {
  const [made] = await claim();
  await save(finished(made?.callId ?? 0, 0, '"there"'));
  await failItems(database.db, [itemOf(0), itemOf(1)], 'tries-exhausted');
  const rows = await database.db
    .select({ state: items.state, code: items.failCode })
    .from(items)
    .where(eq(items.roundId, round.id));
  expect(rows.filter((row) => row.state === 'failed')).toEqual([{ state: 'failed', code: 'tries-exhausted' }]);
});

test('chunks cover every pending item once, and ended chunks are left out', async () => {
  const chunks = await planChunks(database.db, round.id, 0, 3);
  expect(chunks.map((chunk) => chunk.chunk)).toEqual([0, 1]);
  const found = (await Promise.all(chunks.map((chunk) => pendingOfChunk(database.db, chunk, 3)))).flat();
  expect(found.map((item) => item.id).sort()).toEqual(round.items.map((item) => item.id).sort());
  const [last] = await pendingOfChunk(
    database.db,
    { ...chunks[1], roundId: round.id, shard: 0, accountId: round.accountId, chunk: 1 },
    3,
  );
  if (last) await failItems(database.db, [last.id], 'x');
  expect(await planChunks(database.db, round.id, 0, 3)).toHaveLength(1);
});

test('a claim that had to wait finds the round as it is then: who pauses it first is obeyed', async () => {
  await database.db.execute(sql`insert into round_spending (round_id) values (${round.id})`);
  const [pauses, claims] = [connect(database.url, { max: 1 }), connect(database.url, { max: 1 })];
  let claimed: Promise<Claim[]> | undefined;
  await pauses.db.transaction(async (tx) => {
    await tx.execute(sql`update rounds set paused_at = now() where id = ${round.id}`);
    claimed = claimWith(claims.db, 0, 60_000);
    await until('the claim waits', async () => {
      const [row] = await database.db.execute<{ n: number }>(
        sql`select count(*)::int as n from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())
          or not granted and locktype = 'transactionid'`,
      );
      return (row?.n ?? 0) > 0;
    });
  });
  expect(await claimed).toEqual([]);
  await Promise.all([pauses.close(), claims.close()]);
});
