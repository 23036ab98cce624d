import { eq, sql } from 'drizzle-orm';
import { claimCalls } from '../../../db/generation/claims';
import { advanceShards } from '../../../db/rounds/advance';
import { cancelRound } from '../../../db/rounds/cancel';
import { listRounds } from '../../../db/rounds/list';
import { pauseRound, resumeRound } from '../../../db/rounds/pause';
import { readRound } from '../../../db/rounds/read';
import { showRound } from '../../../db/rounds/show';
import { accounts, audit, items, outbox, roundSpending, rounds, shards } from '../../../db/schema';
import type { Budget } from '../../../domain/money';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk } from '../../setup/desk';
import { nth, type OpenRound, openRound, type RoundOptions } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const startedBy = async ({ id }: OpenRound) => (await readRound(database.db, id)).startedBy;
const open = (options: RoundOptions = {}) => openRound(database.db, { items: 4, shardSize: 2, ...options });
const nudged = async ({ id }: OpenRound) =>
  (await database.db.select().from(outbox).where(eq(outbox.roundId, id)).orderBy(outbox.id)).map(({ shard }) => shard);
const acts = async ({ id }: OpenRound) =>
  database.db.select().from(audit).where(eq(audit.roundId, id)).orderBy(audit.id);

/** Held for want of a budget, of which nothing is left. */
async function heldRound(budget: Budget): Promise<OpenRound> {
  const round = await open({ pendingFrom: 0 });
  const { settings, spec } = await readRound(database.db, round.id);
  const prices = Object.fromEntries(spec.models.map(({ id }) => [id, { input: 0, output: 0, call: 1 }]));
  await database.db
    .update(rounds)
    .set({ settings: { ...settings, prices, budget, currency: 'USD' }, heldAt: new Date(), heldCode: 'budget' })
    .where(eq(rounds.id, round.id));
  await database.db.insert(roundSpending).values({ roundId: round.id, money: 5, tokens: 100 });
  return round;
}

test('a paused round leases nothing and claims no call; a label on a lease in hand is taken', async () => {
  const round = await open({ pendingFrom: 2 });
  const desk = new Desk(database.db, round.id, nth(round.labellers, 0).id);
  const { assignmentId } = await desk.lease();
  const by = await startedBy(round);
  expect(await pauseRound(database.db, { roundId: round.id, by, why: 'a mistake' })).toMatchObject({ kind: 'paused' });

  expect(await desk.next()).toMatchObject({ kind: 'nothing', reason: 'paused', retryAfter: expect.any(Number) });
  const claim = { itemId: nth(round.items, 3).id, turn: 0, claimMs: 1_000, reserve: { money: 0, tokens: 0 } };
  expect(await claimCalls(database.db, [claim])).toEqual([]);
  expect(await desk.submit(assignmentId)).toMatchObject({ kind: 'accepted' });
  expect(await showRound(database.db, round.id)).toMatchObject({ status: 'paused', labels: { total: 1 } });
  expect((await listRounds(database.db, { limit: 1 }))[0]).toMatchObject({
    pausedBy: expect.stringMatching(/operator/),
  });
  expect(await resumeRound(database.db, { roundId: round.id, by })).toMatchObject({ kind: 'resumed', spent: null });
  expect(await desk.next()).toMatchObject({ kind: 'leased' });
});

test('a pause is one transaction with its record and the nudges of all that is alive', async () => {
  const round = await open();
  const by = await startedBy(round);
  await database.db.update(shards).set({ state: 'waiting' }).where(sql`round_id = ${round.id} and shard = 1`);
  const pause = { roundId: round.id, by, why: 'a mistake' };
  expect(await pauseRound(database.db, { ...pause, dryRun: true })).toMatchObject({ kind: 'would-pause' });
  expect(await nudged(round)).toEqual([]);
  const both = await Promise.all([1, 2].map(() => pauseRound(database.db, pause)));
  expect(both.map(({ kind }) => kind).sort()).toEqual(['already-paused', 'paused']);
  expect(await nudged(round)).toEqual([null, 0]);
  expect(await advanceShards(database.db, round.id)).toMatchObject({ paused: true, starting: [] });
  expect(await resumeRound(database.db, { roundId: round.id, by, why: 'mended' })).toMatchObject({ kind: 'resumed' });
  expect(await resumeRound(database.db, { roundId: round.id, by })).toEqual({ kind: 'not-paused' });
  expect((await acts(round)).map(({ actor, action, detail }) => [actor, action, detail.why])).toEqual([
    [by, 'round.pause', 'a mistake'],
    [by, 'round.resume', 'mended'],
  ]);
  expect(await advanceShards(database.db, round.id)).toMatchObject({ starting: expect.arrayContaining([1]) });
});

test('what has ended neither stands still nor goes on', async () => {
  const round = await open();
  const by = await startedBy(round);
  await cancelRound(database.db, { roundId: round.id, by });
  expect(await pauseRound(database.db, { roundId: round.id, by })).toEqual({ kind: 'ended', status: 'cancelled' });
  expect(await resumeRound(database.db, { roundId: round.id, by })).toEqual({ kind: 'ended', status: 'cancelled' });
});

test('a round that holds its calls is shown as paused, labels go on, and it resumes only where the budget has room', async () => {
  const round = await heldRound({ money: 5, tokens: null });
  const by = await startedBy(round);
  const resume = { roundId: round.id, by };
  expect((await listRounds(database.db, { limit: 1, status: 'paused' }))[0]).toMatchObject({
    roundId: round.id,
    status: 'paused',
    pausedBy: 'budget',
  });
  expect(await resumeRound(database.db, resume)).toMatchObject({
    kind: 'no-room',
    spent: { spent: { money: 5, tokens: 100 }, budget: { money: 5 }, currency: 'USD' },
  });
  await pauseRound(database.db, resume);
  expect(await resumeRound(database.db, resume)).toMatchObject({ kind: 'resumed', spent: { budget: { money: 5 } } });
  expect(await readRound(database.db, round.id)).toMatchObject({ pausedAt: null, heldCode: 'budget' });
  await database.db.update(roundSpending).set({ money: 2 }).where(eq(roundSpending.roundId, round.id));
  expect(await resumeRound(database.db, resume)).toMatchObject({ kind: 'resumed', spent: null });
  expect(await readRound(database.db, round.id)).toMatchObject({ heldAt: null, heldCode: null });
});

test('cancelling ends what waits, gives leases back, and keeps what was paid', async () => {
  const round = await open({ pendingFrom: 2 });
  await database.db.update(shards).set({ state: 'waiting' }).where(sql`round_id = ${round.id} and shard = 1`);
  const desk = new Desk(database.db, round.id, nth(round.labellers, 0).id);
  await desk.label();
  await desk.lease();
  const by = await startedBy(round);
  await pauseRound(database.db, { roundId: round.id, by });
  expect(await cancelRound(database.db, { roundId: round.id, by, why: 'wrong model' })).toMatchObject({
    kind: 'cancelled',
  });
  expect(await advanceShards(database.db, round.id)).toMatchObject({ status: 'cancelled', ended: true, starting: [] });
  const claim = { itemId: nth(round.items, 3).id, turn: 0, claimMs: 1_000, reserve: { money: 0, tokens: 0 } };
  expect(await claimCalls(database.db, [claim])).toEqual([]);
  expect(await desk.next()).toMatchObject({ reason: 'none-left' });
  const view = await showRound(database.db, round.id);
  expect(view).toMatchObject({ status: 'cancelled', items: { generated: 2 }, labels: { total: 1, withdrawn: 0 } });
  const [taken] = await database.db.execute(
    sql`select sum(taken)::int as n from item_arms where round_id = ${round.id}`,
  );
  expect(taken).toEqual({ n: 1 });
  expect(await database.db.select().from(accounts).where(eq(accounts.id, round.accountId))).toHaveLength(1);
  expect(await database.db.select().from(items).where(eq(items.roundId, round.id))).toHaveLength(4);
});
