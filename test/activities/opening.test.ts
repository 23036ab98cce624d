import { eq } from 'drizzle-orm';
import { openingActivities } from '../../activities/opening';
import { items, rounds, shards } from '../../db/schema';
import type { FrozenSpec } from '../../domain/spec';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type OpenRound, openRound } from '../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A round with its prompts and models as a start leaves it: no items, no shards. */
async function unsampled(sample: number, change: { seed?: string; shardSize?: number } = {}): Promise<OpenRound> {
  const round = await openRound(database.db, { items: 40, models: 2, pendingFrom: 0 });
  await database.db.delete(items).where(eq(items.roundId, round.id));
  await database.db.delete(shards).where(eq(shards.roundId, round.id));
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
  if (!row) throw new Error('no round');
  const spec: FrozenSpec = { ...row.spec, prompts: { ...row.spec.prompts, sample } };
  const settings = { ...row.settings, shardSize: change.shardSize ?? 10 };
  await database.db
    .update(rounds)
    .set({ status: 'opening', seed: change.seed ?? '1', spec, settings })
    .where(eq(rounds.id, round.id));
  return round;
}
const itemsOf = (round: OpenRound) =>
  database.db.select().from(items).where(eq(items.roundId, round.id)).orderBy(items.position);
const samplePrompts = (round: OpenRound) => openingActivities(database.db).samplePrompts(round.id);

test('a draw is crossed with the models, shuffled, and cut into shards; doing it again changes nothing', async () => {
  const round = await unsampled(15);
  expect(await samplePrompts(round)).toEqual({ prompts: 15, items: 30 });
  const first = await itemsOf(round);
  expect(await samplePrompts(round)).toEqual({ prompts: 15, items: 30 });
  expect(await itemsOf(round)).toEqual(first);
  expect(first.map((item) => item.position)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  expect(first.map((item) => item.shard)).toEqual(first.map((item) => Math.floor(item.position / 10)));
  // Each prompt once per model, and no shard belongs to one model.
  expect(new Set(first.map((item) => item.promptId)).size).toBe(15);
  for (const shard of [0, 1, 2]) {
    expect(new Set(first.filter((item) => item.shard === shard).map((item) => item.modelId)).size).toBe(2);
  }
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
  expect(row?.status).toBe('running');
});

test('another seed draws other prompts', async () => {
  const round = await unsampled(10);
  await samplePrompts(round);
  const drawn = new Set((await itemsOf(round)).map((item) => item.promptId));
  await database.db.delete(items).where(eq(items.roundId, round.id));
  await database.db.update(rounds).set({ seed: '2' }).where(eq(rounds.id, round.id));
  await samplePrompts(round);
  expect(new Set((await itemsOf(round)).map((item) => item.promptId))).not.toEqual(drawn);
});

test('a sampling that was cut off in the middle is finished by the next', async () => {
  const round = await unsampled(20);
  await samplePrompts(round);
  const all = await itemsOf(round);
  await database.db.delete(items).where(eq(items.shard, 2));
  await database.db.update(rounds).set({ status: 'opening' }).where(eq(rounds.id, round.id));
  await samplePrompts(round);
  expect(await itemsOf(round)).toEqual(all);
});
