/** What a start says of the draw that it is asked for, and what it freezes of it. */
import { eq } from 'drizzle-orm';
import { addPerson, inviteLabeller } from '../../../db/people';
import { planStart, type RoundPlan, startRound } from '../../../db/rounds/start';
import { rounds } from '../../../db/schema';
import type { PersonId } from '../../../domain/ids';
import { drawn } from '../../../domain/sampling';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { planOf, sourceOf } from '../../setup/roundPlan';

let database: TestDatabase;
let by: PersonId;
beforeAll(async () => {
  database = await createTestDatabase();
  by = (await addPerson(database.db, { name: 'Olga', roles: ['operator'] })).id;
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    await inviteLabeller(database.db, { name, kind: 'human', groups: [], holds: [] });
  }
});
afterAll(() => database.drop());

const planned = (plan: RoundPlan) => planStart(database.db, plan);
const started = async (plan: RoundPlan, key?: string) => {
  const { roundId, ...told } = await startRound(database.db, plan, { by, key });
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, roundId));
  if (!row) throw new Error('no round');
  return { ...told, roundId, spec: row.spec, seed: row.seed };
};

/** 100 prompts: 70 lists, 20 letters, 6 riddles, 4 without a category. */
const prompts = Array.from({ length: 100 }, (_, i) => ({
  id: `p${i}`,
  content: `prompt ${i}`,
  ...(i < 96 && { metadata: { category: i < 70 ? 'lists' : i < 90 ? 'letters' : 'riddles', source: 'ours' } }),
}));
const set = sourceOf(prompts);
const of = (changes: Partial<RoundPlan>, frozen: Partial<RoundPlan['frozen']> = {}) =>
  planOf({ prompts: set, ...changes }, frozen);
const byCategory = (allocation: 'equal' | 'proportional', field = 'category') => ({ field, allocation });

describe('a share', () => {
  test('is frozen with how many prompts it draws, which its seed decides', async () => {
    const { spec, items, notices } = await started(of({ share: 0.25, seed: '11' }));
    const expected = drawn(
      prompts.map(({ id }) => ({ externalId: id })),
      { sample: null, share: 0.25 },
      '11',
    ).length;
    expect(spec.prompts).toMatchObject({ share: 0.25, sample: expected, of: 100 });
    expect([items, notices]).toEqual([expected, []]);
    expect(await planned(of({ share: 0.25, seed: '11' }))).toMatchObject({ prompts: expected, exact: true });
  });

  test('is what is to be expected while no seed is drawn, and a dry run says so', async () => {
    const { prompts: about, items, exact, notices } = await planned(of({ share: 0.255, seed: null }));
    expect([about, items, exact]).toEqual([26, 26, false]);
    expect(notices).toEqual(['25.5% of 100 prompts are about 26: the seed decides how many']);
    const { spec, seed, roundId } = await started(of({ share: 0.255, seed: null }), 'by share');
    expect(await planned(of({ share: 0.255, seed }))).toMatchObject({ prompts: spec.prompts.sample, exact: true });
    // The key’s second start draws no other seed, and so no other number.
    const again = await startRound(database.db, of({ share: 0.255, seed: null }), { by, key: 'by share' });
    expect(again).toMatchObject({ roundId, created: false, items: spec.prompts.sample });
    const other = startRound(database.db, of({ share: 0.3, seed: null }), { by, key: 'by share' });
    await expect(other).rejects.toMatchObject({ problems: [{ kind: 'key-used' }] });
  });

  test('that draws nothing is refused', async () => {
    const few = sourceOf(prompts.slice(0, 2));
    expect((await planned(of({ prompts: few, share: 0.0001, seed: '1' }))).problems).toEqual([
      expect.objectContaining({ kind: 'nothing-drawn', message: expect.stringContaining('0.01% of 2 prompts') }),
    ]);
  });
});

describe('strata', () => {
  test('are frozen; drawn in proportion there is nothing to tell', async () => {
    const strata = byCategory('proportional');
    const { spec, notices } = await started(of({ sample: 50, strata }));
    expect([spec.prompts, notices]).toEqual([{ ...spec.prompts, sample: 50, strata }, []]);
    expect((await started(of({ sample: 50 }))).spec.prompts).not.toHaveProperty('strata');
  });

  test('of a field that no prompt has are refused, with the field that was meant', async () => {
    const { problems } = await planned(of({ sample: 50, strata: byCategory('equal', 'categori') }));
    expect(problems).toEqual([
      expect.objectContaining({
        kind: 'unknown-field',
        message: 'no prompt of prompts.jsonl has a field categori',
        hint: 'did you mean category?',
        at: 'prompts.strata',
      }),
    ]);
    const bare = sourceOf([{ content: 'bare' }, { content: 'prompts' }]);
    expect((await planned(of({ prompts: bare, strata: byCategory('proportional') }))).problems).toEqual([
      expect.objectContaining({ kind: 'unknown-field', hint: 'the file says nothing but its prompts' }),
    ]);
  });

  test('drawn alike: told which are too small, and that rates over all are of another mix', async () => {
    const { notices, problems } = await planned(of({ sample: 40, strata: byCategory('equal') }));
    expect(problems).toEqual([]);
    expect(notices).toEqual([
      'smaller than an equal part of 10: riddles has 6, (without category) has 4; the other strata give what is missing',
      expect.stringContaining('strata of category are drawn alike: rates over all of them are of this mix'),
    ]);
  });

  test('that get nothing are named', async () => {
    const { notices } = await planned(of({ sample: 4, strata: byCategory('proportional') }));
    expect(notices).toEqual([expect.stringContaining('nothing is drawn of riddles, (without category)')]);
  });

  test('cannot be drawn alike of a share or of all', async () => {
    for (const share of [0.5, null]) {
      const { problems } = await planned(of({ sample: null, share, strata: byCategory('equal') }));
      expect(problems).toEqual([expect.objectContaining({ kind: 'equal-without-number', at: 'prompts.strata' })]);
    }
  });
});

describe('several completions of a prompt', () => {
  const variants = [{ id: 'cold' }, { id: 'warm', temperature: 1 }];

  test('are told to be clusters, need more labellers, and count towards a guarantee', async () => {
    const frozen = { variants, completionsPerPrompt: 2, guarantee: { below: 0.02, confidence: 0.95 } };
    const { items, notices, problems } = await planned(of({ sample: 30 }, frozen));
    expect(items).toBe(120);
    expect(notices).toEqual([
      expect.stringContaining('each model answers a prompt 4 times (2 variants × 2 completions)'),
      expect.stringContaining('at least 149 completions, all aligned, and here are 120'),
    ]);
    expect(problems).toEqual([
      expect.objectContaining({
        kind: 'too-few-labellers',
        message: expect.stringContaining('needs 12 labellers (1 model(s) × 4 completions of a prompt × overlap 3,'),
      }),
    ]);
    expect((await planned(of({ sample: 30 }, { ...frozen, onePerPrompt: false }))).problems).toEqual([]);
  });
});

describe('completions that come with the prompts', () => {
  const given = (frozen: Partial<RoundPlan['frozen']> = {}, bringing = 3) => {
    const plan = planOf();
    const models = plan.frozen.models.map((model) => ({ ...model, accountId: null }));
    const brought = ['x', 'y', 'z'].map((content, i) => ({ content, ...(i < bringing && { completion: 'ok' }) }));
    return { ...plan, prompts: sourceOf(brought), accounts: [], frozen: { ...plan.frozen, models, ...frozen } };
  };

  test('are one to each prompt, of one model', async () => {
    expect((await planned(given())).problems).toEqual([]);
    expect((await planned(given({}, 2))).problems).toEqual([
      expect.objectContaining({
        kind: 'no-completions',
        message: expect.stringContaining('1 of 3 prompts bring none'),
      }),
    ]);
    expect((await planned(given({ completionsPerPrompt: 2, onePerPrompt: false }))).problems).toEqual([
      expect.objectContaining({ kind: 'given-once' }),
    ]);
    const [model] = given().frozen.models;
    if (!model) throw new Error('no model');
    const two = { models: [model, { ...model, id: 'n' }], onePerPrompt: false };
    expect((await planned(given(two))).problems).toEqual([
      expect.objectContaining({ kind: 'given-twice', message: expect.stringContaining('m and n') }),
    ]);
  });
});
