import { eq, sql } from 'drizzle-orm';
import { claimCalls } from '../../../db/generation/claims';
import { pendingOfChunk } from '../../../db/generation/plan';
import { resolveItems } from '../../../db/items/resolve';
import { readRound } from '../../../db/rounds/read';
import { type RetryResult, retryItems } from '../../../db/rounds/retry';
import { accounts, audit, items, outbox, roundModels, rounds, shards } from '../../../db/schema';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { nth, type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Four items in two shards, each failed by its code; the round is done. */
async function failedRound(codes: readonly string[]): Promise<OpenRound> {
  const round = await openRound(database.db, { items: codes.length, models: 2, shardSize: 2, pendingFrom: 0 });
  for (const [i, failCode] of codes.entries())
    await database.db
      .update(items)
      .set({ state: 'failed', failCode })
      .where(eq(items.id, nth(round.items, i).id));
  await database.db.update(shards).set({ state: 'done', unopened: 0 }).where(eq(shards.roundId, round.id));
  await database.db.update(rounds).set({ status: 'done', endedAt: new Date() }).where(eq(rounds.id, round.id));
  return round;
}
async function retry(round: OpenRound, more: { models?: string[]; refused?: boolean; dryRun?: boolean } = {}) {
  const by = (await readRound(database.db, round.id)).startedBy;
  return retryItems(database.db, { roundId: round.id, by, models: [], ...more });
}
const statesOf = async (round: OpenRound) => {
  const rows = await database.db.select().from(items).where(eq(items.roundId, round.id)).orderBy(items.position);
  return rows.map(({ state, failCode }) => failCode ?? state);
};
const nudges = async (round: OpenRound) =>
  (await database.db.select().from(outbox).where(eq(outbox.roundId, round.id))).map(({ shard }) => shard);

test('what can be mended is pending again, its shard and its round are open, and all hear of it', async () => {
  const round = await failedRound(['tries-exhausted', 'refused-400', 'parked:http-500', 'account-refused']);
  const result: RetryResult = await retry(round, { dryRun: true });
  expect(result).toMatchObject({ kind: 'would-retry', items: 3 });
  expect(await statesOf(round)).toContain('tries-exhausted');
  expect(await retry(round)).toMatchObject({
    kind: 'retried',
    items: 3,
    left: [{ code: 'refused-400', items: 1 }],
    paused: false,
  });
  expect(await statesOf(round)).toEqual(['pending', 'refused-400', 'pending', 'pending']);
  const ofShards = await database.db.select().from(shards).where(eq(shards.roundId, round.id)).orderBy(shards.shard);
  expect(ofShards.map(({ unopened }) => unopened)).toEqual([1, 2]);
  expect(await readRound(database.db, round.id)).toMatchObject({ status: 'running', endedAt: null });
  expect(new Set(await nudges(round))).toEqual(new Set([null, 0, 1]));
  // A shard that is closed at that very moment is opened by the mark.
  await database.db.update(shards).set({ state: 'done' }).where(eq(shards.roundId, round.id));
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({ state: 'labelling', items: { pending: 1 } });
  expect(await retry(round)).toMatchObject({ kind: 'retried', items: 0 });
  expect(await database.db.select().from(audit).where(eq(audit.roundId, round.id))).toMatchObject([
    { action: 'round.retry', detail: { refused: false } },
  ]);
  expect(await retry(round, { refused: true })).toMatchObject({ items: 1, left: [] });
});

test('accounts that were blocked and models that were parked are called again, and tries are counted afresh', async () => {
  const round = await failedRound(['account-refused', 'tries-exhausted']);
  const item = nth(round.items, 1);
  await database.db.update(accounts).set({ blockedCode: 'unauthorized' }).where(eq(accounts.id, round.accountId));
  await database.db
    .insert(roundModels)
    .values({ roundId: round.id, modelId: item.modelId, failures: 20, parkedAt: new Date(), retryAt: new Date() });
  await database.db
    .update(rounds)
    .set({
      needsAttention: `account ${round.accountId} is blocked: forbidden`,
      settings: sql`settings || jsonb_build_object('accountNames', jsonb_build_object(${round.accountId}::text, 'openai'))`,
    })
    .where(eq(rounds.id, round.id));
  await database.db.execute(sql`
    insert into generation_calls (item_id, round_id, account_id, try, claim_until, ended_at, outcome)
    select ${item.id}, ${round.id}, ${round.accountId}, n, now(), now(), 'retryable' from generate_series(1, 3) n`);
  expect(await retry(round)).toMatchObject({
    items: 2,
    lifted: ['account openai', `model ${item.modelId}`],
  });
  expect(await readRound(database.db, round.id)).toMatchObject({ needsAttention: null });
  const chunk = { roundId: round.id, shard: 0, accountId: round.accountId, chunk: 0 };
  expect(await pendingOfChunk(database.db, chunk, 25)).toMatchObject([{ tries: 0 }, { tries: 0, parkedForMs: 0 }]);
  const reserve = { money: 0, tokens: 0 };
  const claimed = await claimCalls(database.db, [{ itemId: item.id, turn: 0, claimMs: 60_000, reserve }]);
  expect(claimed).toMatchObject([{ callId: expect.any(Number) }]);
  expect((await pendingOfChunk(database.db, chunk, 25)).find(({ id }) => id === item.id)?.tries).toBe(1);
});

test('only the models that are named are tried again', async () => {
  const round = await failedRound(['tries-exhausted', 'tries-exhausted', 'tries-exhausted', 'tries-exhausted']);
  expect(await retry(round, { models: [nth(round.items, 0).modelId] })).toMatchObject({
    items: 2,
    left: [{ items: 2 }],
  });
  expect(await statesOf(round)).toEqual(['pending', 'tries-exhausted', 'pending', 'tries-exhausted']);
});

test('after the deadline nothing is tried again; once it is moved, what it cut off is', async () => {
  const round = await failedRound(['not-generated', 'tries-exhausted']);
  await database.db.update(rounds).set({ deadlineAt: sql`now() - interval '1 hour'` }).where(eq(rounds.id, round.id));
  expect(await retry(round)).toMatchObject({ kind: 'late' });
  await database.db.update(rounds).set({ deadlineAt: sql`now() + interval '1 hour'` }).where(eq(rounds.id, round.id));
  expect(await retry(round)).toMatchObject({ items: 2 });
});

test('a round that was called off is tried no more; one that is quarantined or erased neither', async () => {
  const round = await failedRound(['tries-exhausted', 'tries-exhausted', 'tries-exhausted']);
  await database.db
    .update(items)
    .set({ quarantinedAt: new Date() })
    .where(eq(items.id, nth(round.items, 0).id));
  await database.db
    .update(items)
    .set({ redactedAt: new Date() })
    .where(eq(items.id, nth(round.items, 1).id));
  expect(await retry(round, { dryRun: true })).toMatchObject({ items: 1 });
  await database.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  expect(await retry(round)).toEqual({ kind: 'over', status: 'cancelled' });
});

test('a thousand items are tried again in batches', async () => {
  const round = await openRound(database.db, { items: 1_203, pendingFrom: 0 });
  await database.db
    .update(items)
    .set({ state: 'failed', failCode: 'tries-exhausted' })
    .where(eq(items.roundId, round.id));
  expect(await retry(round)).toMatchObject({ items: 1_203 });
  expect(new Set(await statesOf(round))).toEqual(new Set(['pending']));
});
