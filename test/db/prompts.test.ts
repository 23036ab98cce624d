import { asc, eq } from 'drizzle-orm';
import { listPromptSets, promptSetByHash, promptSetsMeant, storedPrompts } from '../../db/promptSets';
import { purposeOfSet, savePromptSet } from '../../db/prompts';
import { prompts, texts } from '../../db/schema';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { canonicalJson, hashJson, hashText } from '../../domain/text';
import { OPEN_TURN } from '../../domain/turns';
import { createTestDatabase, type TestDatabase } from '../setup/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

type Given = Partial<NewPrompt> & { said: string };

function source(name: string, given: readonly Given[]): PromptSource {
  const all = given.map(
    ({ said, ...prompt }, position): NewPrompt => ({
      externalId: `${position + 1}`,
      messages: [{ role: 'user', content: said }],
      requirements: [],
      position,
      ...prompt,
    }),
  );
  const shape = { mostTurns: 1, requirements: [], fields: [], given: 0, bytes: { sum: 9, least: 9 } };
  const hash = hashJson(all);
  return {
    name,
    hash,
    size: all.length,
    ...shape,
    async *prompts() {
      yield* all;
    },
  };
}

const save = (set: PromptSource, purpose: 'measure' | 'develop' = 'measure') =>
  database.db.transaction((tx) => savePromptSet(tx, set, purpose, 'logs'));

async function read(set: PromptSource): Promise<NewPrompt[]> {
  const stored = await promptSetByHash(database.db, set.hash);
  if (!stored) throw new Error('nothing is stored');
  const found: NewPrompt[] = [];
  for await (const prompt of (await storedPrompts(database.db, stored)).prompts()) found.push(prompt);
  return found;
}

test('a set is stored once, with all that its prompts bring, and read again as it was', async () => {
  const { db } = database;
  const completion = canonicalJson({ role: 'assistant', content: 'So.' });
  const set = source('full', [
    { said: 'a "quoted"\n\\word\u2028 ä 天', metadata: { tags: ['x', { y: 1.5e-7 }], big: 2 ** 53 } },
    { said: 'b', requirements: ['domain:law', 'lang:de'], completion },
    { said: 'b', externalId: 'same words' },
    { said: '', messages: [{ role: 'user', content: 'c' }, OPEN_TURN, { role: 'user', content: 'd' }], judgeTurn: 0 },
  ]);
  expect(await save(set)).toBe(true);
  expect(await save(set)).toBe(false);
  const before: NewPrompt[] = [];
  for await (const prompt of set.prompts()) before.push(prompt);
  expect(await read(set)).toEqual(before);
  const rows = await db.select().from(prompts).where(eq(prompts.setHash, set.hash)).orderBy(asc(prompts.position));
  expect(rows.map(({ completionHash, judgeTurn }) => [completionHash, judgeTurn])).toEqual([
    [null, null],
    [hashText(completion), null],
    [null, null],
    [null, 0],
  ]);
  expect(rows[1]?.messagesHash).toBe(rows[2]?.messagesHash);
  const stored = await promptSetByHash(db, set.hash);
  expect(stored).toMatchObject({ name: 'full', kind: 'logs', size: 4, purpose: 'measure' });
  expect(stored && (await storedPrompts(db, stored))).toMatchObject({
    mostTurns: 2,
    given: 1,
    judged: 1,
    firstWithout: '1',
    fields: ['big', 'tags'],
    requirements: [{ requirements: ['domain:law', 'lang:de'], prompts: 1 }],
  });
  expect(await purposeOfSet(db, set.hash)).toBe('measure');
});

test('a set of many batches is stored whole and in its order', async () => {
  const many = source(
    'many',
    Array.from({ length: 12_345 }, (_, i) => ({ said: `prompt ${i % 9_000}` })),
  );
  await save(many);
  const found = await read(many);
  expect(found).toHaveLength(12_345);
  expect(found.every(({ position }, i) => position === i)).toBe(true);
});

test('a set that fails halfway leaves nothing behind', async () => {
  const broken = source('broken', [{ said: 'x' }, { said: 'y' }]);
  const failing = {
    ...broken,
    async *prompts() {
      yield* broken.prompts();
      throw new Error('torn off');
    },
  };
  await expect(save(failing)).rejects.toThrow('torn off');
  expect(await promptSetByHash(database.db, broken.hash)).toBeUndefined();
});

test('a name stands for the newest set of it, NAME@HASH and a hash for one', async () => {
  const { db } = database;
  const [one, two] = [source('again', [{ said: 'first' }]), source('again', [{ said: 'second' }])];
  await save(one);
  await save(two, 'develop');
  const meant = async (ref: string) => (await promptSetsMeant(db, ref)).map(({ hash }) => hash);
  expect(await meant('again')).toEqual([two.hash]);
  expect(await meant(`again@${one.hash.slice(0, 8)}`)).toEqual([one.hash]);
  expect(await meant(one.hash.slice(0, 12))).toEqual([one.hash]);
  expect(await meant(`other@${one.hash.slice(0, 8)}`)).toEqual([]);
  expect(await meant('nobody')).toEqual([]);
  expect((await listPromptSets(db, { limit: 2 })).map(({ name, purpose }) => [name, purpose])).toEqual([
    ['again', 'develop'],
    ['again', 'measure'],
  ]);
});

test('a prompt of which only a tombstone is left is passed over', async () => {
  const { db } = database;
  const set = source('erased', [{ said: 'to be erased' }, { said: 'to be kept' }]);
  await save(set);
  const body = canonicalJson([{ role: 'user', content: 'to be erased' }]);
  const tombstone = { body: '', redactedAt: new Date(), redactedBy: 'p', redactedWhy: 'asked for' };
  await db
    .update(texts)
    .set(tombstone)
    .where(eq(texts.hash, hashText(body)));
  expect((await read(set)).map(({ externalId }) => externalId)).toEqual(['2']);
});
