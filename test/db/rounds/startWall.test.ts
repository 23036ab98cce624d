/** The wall between prompts that are looked at while a manual is written and prompts that measure. */
import { eq, sql } from 'drizzle-orm';
import { addPerson, inviteLabeller } from '../../../db/people';
import { savePromptSet } from '../../../db/prompts';
import { planStart, type RoundPlan, startRound } from '../../../db/rounds/start';
import { manualRevisions, promptSets, texts } from '../../../db/schema';
import type { PersonId } from '../../../domain/ids';
import { type Example, hashManual, type Manual } from '../../../domain/manual';
import { ProblemsError } from '../../../domain/problems';
import { canonicalJson, hashText } from '../../../domain/text';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { FINE, SMALL_MANUAL } from '../../setup/manual';
import { type GivenPrompt, planOf, sourceOf } from '../../setup/roundPlan';

let database: TestDatabase;
let by: PersonId;
beforeAll(async () => {
  database = await createTestDatabase();
  by = (await addPerson(database.db, { name: 'Olga', roles: ['operator'] })).id;
  for (const name of ['a', 'b', 'c']) {
    await inviteLabeller(database.db, { name, kind: 'human', groups: [], holds: [] });
  }
});
afterAll(() => database.drop());

const plan = (purpose: RoundPlan['purpose'], given: readonly (string | GivenPrompt)[]) =>
  planOf({ purpose, prompts: sourceOf(given.map((one) => (typeof one === 'string' ? { content: one } : one))) });
const start = (of: RoundPlan) => startRound(database.db, of, { by });

/** What speaks against a start, told the same before it and at it; nothing is written then. */
async function refusalOf(of: RoundPlan) {
  const told = (await planStart(database.db, of)).problems;
  const error: unknown = await start(of).catch((reason) => reason);
  if (!(error instanceof ProblemsError)) throw error;
  expect(error.problems).toEqual(told);
  expect(await database.db.select().from(promptSets).where(eq(promptSets.hash, of.prompts.hash))).toEqual([]);
  return told;
}

async function manualWith(name: string, examples: Example[]): Promise<string> {
  const content: Manual = { ...SMALL_MANUAL, name, form: 'obvious-misalignment', examples };
  const row = { hash: hashManual(content), name, revision: 1, form: content.form, content, importedBy: by };
  await database.db.insert(manualRevisions).values(row);
  return name;
}
const example = (id: string, content: string): Example => ({
  id,
  title: id,
  messages: [{ role: 'user', content }],
  completion: 'x',
  answers: FINE,
  text: 'why',
});
const judgedBy = (of: RoundPlan, manual: string): RoundPlan => ({
  ...of,
  judged: { form: null, manual, capability: null },
});

test('what is stored to measure is not developed on: the start names the first and how many', async () => {
  const secret = Array.from({ length: 7 }, (_, i) => `secret ${i}`);
  await start(plan('measure', secret));
  const more = ['open', ...secret].map((content, i) => ({ id: `d${i}`, content }));
  expect(await refusalOf(plan('develop', more))).toEqual([
    {
      kind: 'measure-prompts',
      message: '7 of the prompts are stored to measure: d1, d2, d3, d4, d5, …',
      hint: expect.stringContaining('develop on other prompts'),
      at: 'prompts',
    },
  ]);
  // Those that are not drawn are looked at too: another draw may take them.
  expect(await refusalOf({ ...plan('develop', more), sample: 1 })).toHaveLength(1);
  expect((await start(plan('develop', ['open', 'and free']))).created).toBe(true);
});

test('what was developed on does not measure, however it is set or introduced', async () => {
  await start(plan('develop', ['Name  three\ncats.']));
  for (const same of [
    'Name  three\ncats.',
    ' name three CATS.\n',
    { content: 'Name three cats.', system: 'Be nice.' },
  ]) {
    expect(await refusalOf(plan('measure', ['something new', same]))).toMatchObject([
      { kind: 'develop-prompts', message: '1 of the prompts is stored to develop: 2' },
    ]);
  }
  expect((await start(plan('measure', ['Name four cats.']))).created).toBe(true);
});

test('a set that was only stored stands behind the wall like one of a round', async () => {
  const stored = plan('measure', ['stored by an import']);
  await database.db.transaction((tx) => savePromptSet(tx, stored.prompts, 'measure'));
  expect(await refusalOf(plan('develop', ['stored by an import', 'and another']))).toMatchObject([
    { kind: 'measure-prompts' },
  ]);
  expect((await start(stored)).created).toBe(true);
});

test('a set that has stood on its side in a round goes on standing there', async () => {
  const set = plan('measure', ['both sides of an old database']);
  await start(set);
  // As a version without the wall may have left it.
  const other = plan('develop', ['both sides of an old database', 'more']);
  await database.db.transaction((tx) => savePromptSet(tx, other.prompts, 'develop'));
  expect((await start(set)).created).toBe(true);
  await expect(start(other)).rejects.toMatchObject({ problems: [{ kind: 'measure-prompts' }] });
});

test('what was erased is still known by its hash', async () => {
  await start(plan('develop', ['erased since']));
  const hash = hashText(canonicalJson([{ role: 'user', content: 'erased since' }]));
  const gone = { body: '', redactedAt: sql`now()`, redactedBy: by, redactedWhy: 'asked for' };
  await database.db.update(texts).set(gone).where(eq(texts.hash, hash));
  const refused = await refusalOf(plan('measure', ['erased since', 'not erased']));
  expect(refused.map(({ kind }) => kind)).toContain('develop-prompts');
});

test('two starts at once never put a text on both sides', async () => {
  const sides = (['measure', 'develop'] as const).map((purpose) => plan(purpose, ['raced for', purpose]));
  const ends = await Promise.allSettled(sides.map(start));
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

describe('prompts that stand as examples in the round’s manual', () => {
  test('do not measure; the start names the examples', async () => {
    const manual = await manualWith('shown', [example('basil', 'my basil wilts\n'), example('other', 'nothing')]);
    const set = plan('measure', ['fine', { id: 'plants', content: 'My basil wilts' }]);
    expect(await refusalOf(judgedBy(set, manual))).toMatchObject([
      {
        kind: 'example-prompts',
        message: '1 of the prompts is in the manual shown@1, as examples: plants (example basil)',
      },
    ]);
    expect((await start(set)).created).toBe(true);
    // Measured without the manual before: by it they are as little measured as ever.
    expect((await planStart(database.db, judgedBy(set, manual))).problems).toMatchObject([{ kind: 'example-prompts' }]);
    expect((await planStart(database.db, judgedBy(plan('develop', ['my basil wilts, too']), manual))).problems).toEqual(
      [],
    );
  });

  test('may be developed on', async () => {
    const manual = await manualWith('tried', [example('fern', 'my fern wilts')]);
    expect((await start(judgedBy(plan('develop', ['my fern wilts']), manual))).created).toBe(true);
  });
});
