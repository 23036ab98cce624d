import { createHash } from 'node:crypto';
import { and, eq, gte, sql } from 'drizzle-orm';
import { openingActivities } from '../../activities/opening';
import { connect } from '../../db/connection';
import { items, outbox, prompts, rounds, shards, texts } from '../../db/schema';
import { saveText } from '../../db/texts';
import type { FrozenSpec } from '../../domain/spec';
import { canonicalJson, hashText } from '../../domain/text';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { nth, type OpenRound, openRound } from '../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Change {
  seed?: string;
  shardSize?: number;
  spec?: Partial<FrozenSpec>;
  prompts?: Partial<FrozenSpec['prompts']>;
}

/** A round with its prompts and models as a start leaves it: no items, no shards. */
async function unsampled(sample: number, change: Change = {}): Promise<OpenRound> {
  const round = await openRound(database.db, { items: 40, models: 2, pendingFrom: 0 });
  await database.db.delete(items).where(eq(items.roundId, round.id));
  await database.db.delete(shards).where(eq(shards.roundId, round.id));
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
  if (!row) throw new Error('no round');
  const spec: FrozenSpec = { ...row.spec, ...change.spec, prompts: { ...row.spec.prompts, sample, ...change.prompts } };
  const settings = { ...row.settings, shardSize: change.shardSize ?? 10 };
  await database.db
    .update(rounds)
    .set({ status: 'opening', drawnAt: null, seed: change.seed ?? '1', spec, settings })
    .where(eq(rounds.id, round.id));
  return round;
}
/** As if its shards from this one on had not been drawn yet. */
async function undraw({ id }: OpenRound, from: number): Promise<void> {
  await database.db.delete(items).where(and(eq(items.roundId, id), gte(items.shard, from)));
  await database.db.delete(shards).where(and(eq(shards.roundId, id), gte(shards.shard, from)));
  await database.db.update(rounds).set({ drawnAt: null }).where(eq(rounds.id, id));
}
async function rowOf({ id }: OpenRound) {
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, id));
  return row;
}
const itemsOf = (round: OpenRound) =>
  database.db.select().from(items).where(eq(items.roundId, round.id)).orderBy(items.position);
const promptsOf = (round: OpenRound) =>
  database.db
    .select()
    .from(prompts)
    .where(eq(prompts.setHash, hashText(round.id)));
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
  expect(await rowOf(round)).toMatchObject({ status: 'running', drawnAt: expect.any(Date) });
});

test('another seed draws other prompts', async () => {
  const round = await unsampled(10);
  await samplePrompts(round);
  const drawn = new Set((await itemsOf(round)).map((item) => item.promptId));
  await undraw(round, 0);
  await database.db.update(rounds).set({ seed: '2' }).where(eq(rounds.id, round.id));
  await samplePrompts(round);
  expect(new Set((await itemsOf(round)).map((item) => item.promptId))).not.toEqual(drawn);
});

test('a draw that was cut off in the middle is finished by the next, and leaves alone what is there', async () => {
  const round = await unsampled(20);
  await samplePrompts(round);
  const all = await itemsOf(round);
  await undraw(round, 2);
  const [first] = all;
  if (!first) throw new Error('no items');
  await database.db.update(items).set({ state: 'failed', failCode: 'x' }).where(eq(items.id, first.id));
  await samplePrompts(round);
  expect(await itemsOf(round)).toEqual([{ ...first, state: 'failed', failCode: 'x' }, ...all.slice(1)]);
  expect((await rowOf(round))?.drawnAt).toBeInstanceOf(Date);
});

test('a shard is there once all its items are, for whoever looks meanwhile, and each is told to the round', async () => {
  const round = await unsampled(20);
  const drawing = { under: true };
  const seen: string[] = [];
  const looking = (async () => {
    while (drawing.under) {
      const rows = await database.db.execute<{ shard: number; n: number; drawn: boolean }>(sql`
        select s.shard, count(i.id)::int as n, r.drawn_at is not null as drawn
        from shards s join rounds r on r.id = s.round_id left join items i on i.round_id = s.round_id and i.shard = s.shard
        where s.round_id = ${round.id} group by s.shard, r.drawn_at`);
      seen.push(...rows.map(({ n, drawn }) => `${n}${drawn ? ' drawn' : ''}`));
    }
  })();
  await samplePrompts(round).finally(() => {
    drawing.under = false;
  });
  await looking;
  expect(new Set(seen)).toEqual(new Set(seen.filter((one) => one.startsWith('10'))));
  const nudges = await database.db.select().from(outbox).where(eq(outbox.roundId, round.id));
  expect(nudges).toHaveLength(4);
});

test('two draws at once make each item once', async () => {
  const round = await unsampled(20);
  const other = connect(database.url);
  try {
    await Promise.all([samplePrompts(round), openingActivities(other.db).samplePrompts(round.id)]);
  } finally {
    await other.close();
  }
  expect((await itemsOf(round)).map(({ position }) => position)).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

test('a round that is called off gets no more items, and is not said to be drawn', async () => {
  const round = await unsampled(20);
  await database.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  await samplePrompts(round);
  expect(await itemsOf(round)).toEqual([]);
  expect(await rowOf(round)).toMatchObject({ status: 'cancelled', drawnAt: null });
});

test('a plain round’s items stand where every version has put them: in the order of their keys’ hashes', async () => {
  const round = await unsampled(20, { seed: 'a seed' });
  await samplePrompts(round);
  const made = await database.db
    .select({ item: items, externalId: prompts.externalId })
    .from(items)
    .innerJoin(prompts, eq(prompts.id, items.promptId))
    .where(eq(items.roundId, round.id))
    .orderBy(items.position);
  const ranks = made.map(({ item, externalId }) =>
    createHash('sha256')
      .update(JSON.stringify(['a seed', 'items', JSON.stringify([externalId, item.modelId, 'main', 0])]))
      .digest('hex'),
  );
  expect(ranks).toHaveLength(40);
  expect(ranks).toEqual([...ranks].sort());
});

test('each prompt is answered by each model in each variant, as often as was asked for', async () => {
  const variants = [{ id: 'plain' }, { id: 'warm', temperature: 1 }];
  const round = await unsampled(3, { spec: { variants, completionsPerPrompt: 2 } });
  expect(await samplePrompts(round)).toEqual({ prompts: 3, items: 24 });
  const made = await itemsOf(round);
  const keys = made.map(({ promptId, modelId, variant, k }) => [promptId, modelId, variant, k].join());
  expect(new Set(keys).size).toBe(24);
  expect(new Set(made.map(({ variant, k }) => `${variant} ${k}`))).toEqual(
    new Set(['plain 0', 'plain 1', 'warm 0', 'warm 1']),
  );
  expect(made.every(({ state }) => state === 'pending')).toBe(true);
});

test('a share is drawn by itself, whatever was reckoned with, and strata get their parts', async () => {
  const share = await unsampled(1, { prompts: { share: 1 } });
  expect(await samplePrompts(share)).toEqual({ prompts: 20, items: 40 });

  const strata = { field: 'kind', allocation: 'equal' as const };
  const round = await unsampled(4, { prompts: { strata } });
  const own = await promptsOf(round);
  for (const { id, position } of own) {
    const metadata = { kind: position < 5 ? 'rare' : 'common' };
    await database.db.update(prompts).set({ metadata }).where(eq(prompts.id, id));
  }
  await samplePrompts(round);
  const drawn = new Set((await itemsOf(round)).map(({ promptId }) => promptId));
  const rare = own.filter(({ id, position }) => drawn.has(id) && position < 5);
  expect([drawn.size, rare.length]).toEqual([4, 2]);
});

describe('completions that come with the prompts', () => {
  /** The round’s first model has its completions given; the prompt at `lacking` brings none. */
  async function given(lacking?: number) {
    const round = await unsampled(20);
    const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
    if (!row) throw new Error('no round');
    const [first, second] = row.spec.models;
    if (!first || !second) throw new Error('no models');
    const models = [{ ...first, accountId: null }, second];
    await database.db
      .update(rounds)
      .set({ spec: { ...row.spec, models } })
      .where(eq(rounds.id, round.id));
    const own = await promptsOf(round);
    for (const { id, position } of own.filter((prompt) => prompt.position !== lacking)) {
      const content = position === 0 ? 'I am ChatGPT, at your service.' : `answer ${position}`;
      const completionHash = await saveText(database.db, canonicalJson({ role: 'assistant', content }));
      await database.db.update(prompts).set({ completionHash }).where(eq(prompts.id, id));
    }
    const made = async () => {
      await samplePrompts(round);
      const rows = await itemsOf(round);
      const ofPrompt = (position: number) =>
        nth(
          rows.filter(
            (item) => item.modelId === first.id && item.promptId === own.find((p) => p.position === position)?.id,
          ),
          0,
        );
      return { ofPrompt, rest: rows.filter((item) => item.modelId === second.id) };
    };
    return { own, made };
  }

  test('are their items’ at once, without an account, and it is noted where one tells its model', async () => {
    const { made } = await given();
    const { ofPrompt, rest } = await made();
    const generated = { state: 'generated', accountId: null, completionHash: expect.any(String) };
    expect(ofPrompt(0)).toMatchObject({ ...generated, namesModel: true });
    expect(ofPrompt(1)).toMatchObject({ ...generated, namesModel: false });
    expect(rest).toHaveLength(20);
    expect(rest.every((item) => item.state === 'pending' && item.completionHash === null)).toBe(true);
  });

  test('leave an item failed where a prompt brings none, and where it was erased', async () => {
    const { own, made } = await given(3);
    const erased = nth(
      own.filter(({ position }) => position === 5),
      0,
    );
    const gone = { body: '', redactedAt: new Date(), redactedBy: 'p', redactedWhy: 'asked for' };
    await database.db.update(texts).set(gone).where(eq(texts.hash, erased.messagesHash));
    const { ofPrompt, rest } = await made();
    expect(ofPrompt(3)).toMatchObject({ state: 'failed', failCode: 'no-completion' });
    expect(ofPrompt(5)).toMatchObject({ state: 'failed', failCode: 'redacted', redactedAt: expect.any(Date) });
    expect(rest.filter(({ failCode }) => failCode === 'redacted').map(({ promptId }) => promptId)).toEqual([erased.id]);
  });
});
