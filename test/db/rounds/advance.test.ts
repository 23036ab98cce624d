import { eq } from 'drizzle-orm';
import { advanceShards, markBegun, reviveShard } from '../../../db/rounds/advance';
import { showRound } from '../../../db/rounds/show';
import { items, outbox, rounds, shards } from '../../../db/schema';
import { ITEM_STATES } from '../../../domain/states';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Six shards of one item each, none begun, two of which may generate at once. */
async function waitingRound(): Promise<OpenRound> {
  const round = await openRound(database.db, { items: 6, shardSize: 1, pendingFrom: 0 });
  await database.db.update(shards).set({ state: 'waiting' }).where(eq(shards.roundId, round.id));
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
  if (!row) throw new Error('no round');
  const settings = { ...row.settings, timings: { ...row.settings.timings, window: 2 } };
  await database.db.update(rounds).set({ settings }).where(eq(rounds.id, round.id));
  return round;
}

test('shards enter the window as others leave it, and are named until they have begun', async () => {
  const { id } = await waitingRound();
  expect((await advanceShards(database.db, id)).starting).toEqual([0, 1]);
  // The answer was lost: the next one names them again, and lets no others in.
  expect(await advanceShards(database.db, id)).toMatchObject({
    starting: [0, 1],
    shards: { waiting: 4, generating: 2 },
  });
  await markBegun(database.db, id, 0);
  await markBegun(database.db, id, 1);
  expect((await advanceShards(database.db, id)).starting).toEqual([]);
  await database.db.update(shards).set({ state: 'labelling' }).where(eq(shards.shard, 0));
  expect((await advanceShards(database.db, id)).starting).toEqual([2]);
});

test('a paused or cancelled round lets no shard in', async () => {
  const { id } = await waitingRound();
  await database.db.update(rounds).set({ pausedAt: new Date() }).where(eq(rounds.id, id));
  expect((await advanceShards(database.db, id)).starting).toEqual([]);
  await database.db.update(rounds).set({ pausedAt: null, status: 'cancelled' }).where(eq(rounds.id, id));
  expect(await advanceShards(database.db, id)).toMatchObject({ starting: [], ended: true });
});

test('a round of which more is drawn is not measured, though all shards that are there are done', async () => {
  const { id } = await waitingRound();
  await database.db.update(shards).set({ state: 'done' }).where(eq(shards.roundId, id));
  await database.db.update(rounds).set({ drawnAt: null }).where(eq(rounds.id, id));
  expect(await advanceShards(database.db, id)).toMatchObject({ measurable: false, ended: false });
  await database.db.update(rounds).set({ drawnAt: new Date() }).where(eq(rounds.id, id));
  expect(await advanceShards(database.db, id)).toMatchObject({ measurable: true });
});

test('a shard that has to be woken a third time asks for a person', async () => {
  const { id } = await waitingRound();
  await database.db.update(shards).set({ state: 'labelling' }).where(eq(shards.roundId, id));
  for (const wake of [1, 2, 3]) {
    await reviveShard(database.db, id, 3);
    expect((await showRound(database.db, id))?.needsAttention ?? '').toMatch(wake < 3 ? /^$/ : /shard 3 .* 3 times/);
  }
  expect(await database.db.select().from(outbox).where(eq(outbox.roundId, id))).toHaveLength(3);
});

test('what is shown of a round partitions its items, in whatever state they are', async () => {
  const round = await openRound(database.db, { items: ITEM_STATES.length });
  for (const [i, state] of ITEM_STATES.entries()) {
    const id = round.items[i]?.id;
    if (!id) throw new Error('no item');
    const failCode = state === 'failed' ? 'x' : null;
    await database.db
      .update(items)
      .set({ state, failCode, ...(state === 'pending' && { completionHash: null }) })
      .where(eq(items.id, id));
  }
  const view = await showRound(database.db, round.id);
  const { total, open, contested, settled, failed, unresolved, generated } = view?.items ?? ({} as never);
  expect(total - (open + contested + settled + failed + unresolved)).toBe(1);
  expect(generated).toBe(ITEM_STATES.length - 1);
  expect(view).toMatchObject({
    simulated: false,
    manualRevision: null,
    capabilityTable: null,
    specHash: expect.any(String),
    byModel: [{ bounds: { lower: { low: 0, high: 1 }, upper: { low: 0, high: 1 } }, guarantee: null }],
  });
});
