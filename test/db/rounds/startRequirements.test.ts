/** What a start says of requirements that too few labellers hold, before anything is paid for. */
import { eq, sql } from 'drizzle-orm';
import { addPerson, inviteLabeller } from '../../../db/people';
import { planStart, type RoundPlan, startRound } from '../../../db/rounds/start';
import { labellers } from '../../../db/schema';
import type { PersonId } from '../../../domain/ids';
import { drawn } from '../../../domain/sampling';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { planOf, source, sourceOf } from '../../setup/roundPlan';

let database: TestDatabase;
let by: PersonId;
let ben: PersonId;
beforeAll(async () => {
  database = await createTestDatabase();
  by = (await addPerson(database.db, { name: 'Olga', roles: ['operator'] })).id;
  const invite = (name: string, holds: string[], groups: string[] = []) =>
    inviteLabeller(database.db, { name, kind: 'human', groups, holds });
  await invite('Anna', ['lang:de', 'domain:medicine']);
  ben = (await invite('Ben', ['lang:de'], ['home'])).labellerId;
  await invite('Cleo', ['lang:fr']);
  await invite('Dora', []);
});
afterAll(() => database.drop());

const one = { resolving: { ...planOf().frozen.resolving, overlap: 1 } };
const noticesOf = async (plan: RoundPlan) => (await planStart(database.db, plan)).notices;

test('nothing is told of what enough labellers hold', async () => {
  expect(await noticesOf(planOf({ prompts: source(['a', 'b'], ['lang:de']) }, one))).toEqual([]);
});

test('what too few hold is told with who does, and how many prompts would starve; it forbids nothing', async () => {
  const plan = planOf({ prompts: source(['c', 'd'], ['lang:de']) });
  const told = ['2 labellers hold lang:de (Anna, Ben), and 3 are needed: 2 prompts would starve'];
  expect(await noticesOf(plan)).toEqual(told);
  expect(await startRound(database.db, plan, { by })).toMatchObject({ created: true, notices: told });
});

test('what nobody holds is told, with what was probably meant', async () => {
  expect(await noticesOf(planOf({ prompts: source(['e'], ['lang:ge']) }, one))).toEqual([
    'nobody holds lang:ge: 1 prompt would starve; did you mean lang:de, which is held?',
  ]);
  expect(await noticesOf(planOf({ prompts: source(['f'], ['domain:medecine', 'lang:de']) }, one))).toEqual([
    'nobody holds domain:medecine and lang:de: 1 prompt would starve; did you mean domain:medicine, which is held?',
  ]);
  for (const other of ['domain:law', 'lang:it']) {
    expect(await noticesOf(planOf({ prompts: source(['g'], [other]) }, one))).toEqual([
      `nobody holds ${other}: 1 prompt would starve`,
    ]);
  }
});

test('requirements are only met by one labeller who holds them all', async () => {
  expect(await noticesOf(planOf({ prompts: source(['h'], ['lang:de', 'lang:fr']) }, one))).toEqual([
    'nobody holds lang:de and lang:fr: 1 prompt would starve',
  ]);
});

test('the suspended do not count, nor do those of other groups', async () => {
  const atHome = { ...planOf().settings, groups: ['home'] };
  const plan = () => planOf({ prompts: source(['i'], ['lang:de']), settings: atHome }, one);
  expect(await noticesOf(plan())).toEqual([]);
  const suspended = { suspendedAt: sql`now()`, suspendedBy: by, suspendedWhy: 'a test' };
  await database.db.update(labellers).set(suspended).where(eq(labellers.id, ben));
  const { notices, problems } = await planStart(database.db, plan());
  expect(notices).toEqual(['nobody holds lang:de: 1 prompt would starve']);
  expect(problems).toMatchObject([{ kind: 'too-few-labellers' }]);
  const back = { suspendedAt: null, suspendedBy: null, suspendedWhy: null };
  await database.db.update(labellers).set(back).where(eq(labellers.id, ben));
});

test('only drawn prompts count: exactly where the seed is known, about so many where it is not', async () => {
  const given = Array.from({ length: 40 }, (_, i) => ({
    id: `q${i}`,
    content: `question ${i}`,
    requirements: i % 2 === 0 ? ['domain:law'] : [],
  }));
  const plan = (seed: string | null) => planOf({ prompts: sourceOf(given), sample: 10, seed }, one);
  const chosen = drawn(
    given.map(({ id }) => ({ externalId: id })),
    { sample: 10 },
    '5',
  );
  const asking = chosen.filter(({ externalId }) => Number(externalId.slice(1)) % 2 === 0).length;
  expect(await noticesOf(plan('5'))).toEqual([`nobody holds domain:law: ${asking} prompts would starve`]);
  expect(await noticesOf(plan(null))).toEqual([
    expect.stringMatching(/^nobody holds domain:law: about \d+ prompts would starve$/),
  ]);
});
