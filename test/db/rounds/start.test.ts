import { eq, sql } from 'drizzle-orm';
import { next } from '../../../db/labelling';
import { addPerson, inviteLabeller } from '../../../db/people';
import { amendTable } from '../../../db/rounds/amend';
import { cancelRound } from '../../../db/rounds/cancel';
import { listRounds, resolveRoundId } from '../../../db/rounds/list';
import { roundStanding } from '../../../db/rounds/standing';
import { planStart, type RoundPlan, startRound } from '../../../db/rounds/start';
import {
  accounts,
  assignments,
  audit,
  manualRevisions,
  models,
  outbox,
  promptSets,
  prompts,
  rounds,
  texts,
} from '../../../db/schema';
import { accountIdOf } from '../../../domain/accounts';
import type { PersonId, RoundId } from '../../../domain/ids';
import { hashManual } from '../../../domain/manual';
import { ProblemsError } from '../../../domain/problems';
import type { NewPrompt } from '../../../domain/prompts';
import { canonicalJson, hashText } from '../../../domain/text';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { cell, KNOWS_LENGTH, SMALL_MANUAL, storeTable } from '../../setup/manual';
import { openRound } from '../../setup/round';
import { BASE_URL, planOf, source } from '../../setup/roundPlan';

let database: TestDatabase;
let by: PersonId;

beforeAll(async () => {
  database = await createTestDatabase();
  by = (await addPerson(database.db, { name: 'Olga', roles: ['operator'] })).id;
  for (const [name, groups] of [
    ['a', ['x']],
    ['b', ['x']],
    ['c', []],
    ['d', []],
  ] as const) {
    await inviteLabeller(database.db, { name, kind: 'human', groups: [...groups], holds: [] });
  }
});
afterAll(() => database.drop());

const started = (plan = planOf(), key?: string) => startRound(database.db, plan, { by, key });

async function rowsOf(roundId: RoundId) {
  const [round] = await database.db.select().from(rounds).where(eq(rounds.id, roundId));
  const nudges = await database.db.select().from(outbox).where(eq(outbox.roundId, roundId));
  const acts = await database.db.select().from(audit).where(eq(audit.roundId, roundId));
  return { round, nudges, acts };
}

async function problemsOf(plan: RoundPlan) {
  const before = await database.db.select({ n: sql<number>`count(*)::int` }).from(rounds);
  const error: unknown = await started(plan).catch((reason) => reason);
  expect(await database.db.select({ n: sql<number>`count(*)::int` }).from(rounds)).toEqual(before);
  if (error instanceof ProblemsError) return error.problems;
  throw error;
}

describe('starting a round', () => {
  test('writes the round, its counter, its audit and the nudge that wakes its workflow', async () => {
    const { roundId, specHash } = await started();
    const { round, nudges, acts } = await rowsOf(roundId);
    expect(roundId).toMatch(/^r-[0-9a-hjkmnp-tv-z]{10}$/);
    expect(round).toMatchObject({ status: 'opening', seed: '7', specHash, startedBy: by, form: 'verdict' });
    expect(round?.spec.prompts).toEqual({ setHash: planOf().prompts.hash, sample: 3, of: 3, purpose: 'measure' });
    expect(nudges).toMatchObject([{ shard: null }]);
    expect(acts).toMatchObject([{ actor: by, action: 'round.start', refused: false }]);
  });

  test('sets the deadline by the database’s clock', async () => {
    const { roundId } = await started();
    const [row] = await database.db.execute<{ seconds: number }>(
      sql`select extract(epoch from deadline_at - created_at)::float8 as seconds from rounds where id = ${roundId}`,
    );
    expect(row?.seconds).toBe(3_600);
  });

  test('stores prompts and texts once, however often the set is used', async () => {
    const plan = planOf({ prompts: source(['same', 'same', 'other']) });
    await Promise.all([started(plan), started(plan), started(plan)]);
    const { hash } = plan.prompts;
    const stored = await database.db.select().from(prompts).where(eq(prompts.setHash, hash)).orderBy(prompts.position);
    const body = canonicalJson([{ role: 'user', content: 'same' }]);
    expect(stored.map(({ externalId }) => externalId)).toEqual(['1', '2', '3']);
    expect(stored[0]?.messagesHash).toBe(hashText(body));
    expect(await database.db.select().from(promptSets).where(eq(promptSets.hash, hash))).toMatchObject([{ size: 3 }]);
    expect(
      await database.db
        .select()
        .from(texts)
        .where(eq(texts.hash, hashText(body))),
    ).toMatchObject([{ body }]);
  });

  test('stores a set that takes several inserts in its order', async () => {
    const plan = planOf({ prompts: source(Array.from({ length: 2_300 }, (_, i) => `prompt ${i}`)), sample: 5 });
    const { items } = await started(plan);
    expect(items).toBe(5);
    const stored = await database.db.select().from(prompts).where(eq(prompts.setHash, plan.prompts.hash));
    expect(new Set(stored.map(({ position }) => position)).size).toBe(2_300);
  });

  test('draws a seed where none is given, and hashes it with the spec', async () => {
    const [one, two] = [await started(planOf({ seed: null })), await started(planOf({ seed: null }))];
    expect(one.seed).not.toBe(two.seed);
    expect(one.specHash).not.toBe(two.specHash);
    expect((await started(planOf({ seed: one.seed }))).specHash).toBe(one.specHash);
  });

  test('keeps what was known of a model and takes what is new', async () => {
    await started();
    await started(
      planOf({
        models: [{ id: 'm', family: 'g', parameters: null, trainingCompute: null, regime: 'rlhf', releasedOn: null }],
      }),
    );
    expect(await database.db.select().from(models).where(eq(models.id, 'm'))).toMatchObject([
      { family: 'g', parameters: 7e9, regime: 'rlhf' },
    ]);
  });

  test('gives a known account the concurrency asked for last, audited', async () => {
    const [account] = planOf().accounts;
    if (!account) throw new Error('no account');
    const own = { ...account, id: accountIdOf(BASE_URL, 'OWN'), keyVariable: 'OWN' };
    await started(planOf({ accounts: [own] }));
    await started(planOf({ accounts: [{ ...own, concurrency: 9 }] }));
    expect(await database.db.select().from(accounts).where(eq(accounts.id, own.id))).toMatchObject([
      { concurrency: 9 },
    ]);
    expect(await database.db.select().from(audit).where(eq(audit.subject, own.id))).toMatchObject([
      { action: 'account.set', detail: { from: 4, to: 9 } },
    ]);
  });
});

describe('a start with a key', () => {
  test('started again gives the same round and writes nothing', async () => {
    const first = await started(planOf({ seed: null }), 'nightly');
    const again = await started(planOf({ seed: null }), 'nightly');
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again).toMatchObject({ roundId: first.roundId, seed: first.seed, specHash: first.specHash });
    expect((await rowsOf(first.roundId)).nudges).toHaveLength(1);
  });

  test('is one round when many start it at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => started(planOf(), 'at once')));
    expect(new Set(all.map(({ roundId }) => roundId)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
  });

  test('that has started something else is refused', async () => {
    await started(planOf(), 'taken');
    const other = startRound(database.db, planOf({}, { confidence: 0.9 }), { by, key: 'taken' });
    await expect(other).rejects.toMatchObject({ problems: [{ kind: 'key-used' }] });
  });

  describe('by a manual', () => {
    const judged = { form: null, manual: 'small', capability: null };
    const keyed = (key: string, changes: Partial<RoundPlan['judged']> = {}) =>
      started(planOf({ judged: { ...judged, ...changes } }), key);
    const isUsed = { problems: [{ kind: 'key-used', at: '--key' }] };

    beforeAll(async () => {
      for (const revision of [1, 2]) {
        const content = { ...SMALL_MANUAL, title: `Revision ${revision}` };
        const { name, form } = content;
        const row = { hash: hashManual(content), name, revision, form, content, importedBy: by };
        await database.db.insert(manualRevisions).values(row);
      }
      await storeTable(database.db, KNOWS_LENGTH);
      await storeTable(database.db, []);
    });

    test('gives its round again by the same manual, however it is named, and is refused by another or by none', async () => {
      const { roundId } = await keyed('by manual');
      expect(await keyed('by manual')).toMatchObject({ roundId, created: false });
      expect(await keyed('by manual', { manual: 'small@2' })).toMatchObject({ roundId, created: false });
      await expect(keyed('by manual', { manual: 'small@1' })).rejects.toMatchObject(isUsed);
      await expect(keyed('by manual', { manual: null })).rejects.toMatchObject(isUsed);
      const plan = planOf({ judged: { ...judged, manual: 'small@1' } });
      await expect(planStart(database.db, plan, { key: 'by manual' })).rejects.toMatchObject(isUsed);
    });

    test('that names a manual which is not there is told so too', async () => {
      await keyed('misspelt');
      await expect(keyed('misspelt', { manual: 'smal' })).rejects.toMatchObject({
        problems: [{ kind: 'key-used' }, { kind: 'unknown-manual' }],
      });
    });

    test('is refused with another table than the round began with, where one is named', async () => {
      const { roundId } = await keyed('by table', { capability: 'small@1' });
      expect(await keyed('by table', { capability: 'small@1' })).toMatchObject({ roundId, created: false });
      expect(await keyed('by table')).toMatchObject({ roundId, created: false });
      await expect(keyed('by table', { capability: 'small@2' })).rejects.toMatchObject(isUsed);
      for (const cells of [[], [cell('right-length', 'not-capable')]]) {
        await amendTable(database.db, { roundId, table: await storeTable(database.db, cells), by, why: 'x' });
      }
      expect(await keyed('by table', { capability: 'small@1' })).toMatchObject({ roundId, created: false });
      await expect(keyed('by table', { capability: 'small@2' })).rejects.toMatchObject(isUsed);
      await expect(keyed('by table', { capability: 'small@3' })).rejects.toMatchObject(isUsed);
    });

    test('without a table at its start is refused by any that is named', async () => {
      const { roundId } = await keyed('no table');
      await database.db.update(rounds).set({ capabilityTable: null }).where(eq(rounds.id, roundId));
      const table = await storeTable(database.db, KNOWS_LENGTH);
      await amendTable(database.db, { roundId, table, by, why: 'x' });
      await expect(keyed('no table', { capability: 'small@1' })).rejects.toMatchObject(isUsed);
      expect(await keyed('no table')).toMatchObject({ roundId, created: false });
    });
  });
});

describe('a start is refused, with everything that speaks against it, and writes nothing', () => {
  test('where more prompts are asked for than there are, and labellers are too few', async () => {
    const plan = planOf({ sample: 4 }, { resolving: { ...planOf().frozen.resolving, overlap: 5 } });
    expect(await problemsOf(plan)).toEqual([
      expect.objectContaining({ kind: 'too-few-prompts', message: expect.stringContaining('asks for 4 prompts') }),
      expect.objectContaining({ kind: 'too-few-labellers', message: expect.stringContaining('needs 5 labellers') }),
    ]);
  });

  test('where models × overlap exceed the labellers, unless they may see a prompt twice', async () => {
    const [model] = planOf().frozen.models;
    if (!model) throw new Error('no model');
    const two = { models: [model, { ...model, id: 'n' }] };
    const [problem] = await problemsOf(planOf({}, two));
    expect(problem?.message).toContain('needs 6 labellers');
    expect(problem?.message).toContain('has 4');
    const { problems } = await planStart(database.db, planOf({}, { ...two, onePerPrompt: false }));
    expect(problems).toEqual([]);
  });

  test('where the groups asked for have too few labellers', async () => {
    const settings = { ...planOf().settings, groups: ['x'] };
    expect((await problemsOf(planOf({ settings })))[0]?.message).toContain('has 2 in the group(s) x');
  });

  test('where there are enough only with the simulated, who may label simulated models and no others', async () => {
    for (const name of ['Sim (simulated)', 'Tim (simulated)'])
      await inviteLabeller(database.db, { name, kind: 'simulated', groups: ['machines', 'x'], holds: ['lang:xx'] });
    const sim = accountIdOf(BASE_URL, 'SIM');
    const settings = { ...planOf().settings, groups: ['x'] };
    const [problem] = await problemsOf(planOf({ settings }));
    expect(problem?.message).toContain('and has 2 in the group(s) x, besides 2 simulated, who may not label');
    const accounts = planOf().accounts.map((account) => ({ ...account, id: sim, simulated: true }));
    const models = planOf().frozen.models.map((model) => ({ ...model, accountId: sim }));
    expect((await planStart(database.db, planOf({ settings, accounts }, { models }))).problems).toEqual([]);
  });

  test('where the prompts were stored for another purpose', async () => {
    const set = source(['kept for measuring']);
    await started(planOf({ prompts: set }));
    expect(await problemsOf(planOf({ prompts: set, purpose: 'develop' }))).toMatchObject([{ kind: 'other-purpose' }]);
  });

  test('where a real endpoint is called simulated; a simulated one stays so', async () => {
    const simulated = planOf().accounts.map((account) => ({ ...account, simulated: true }));
    await started();
    expect(await problemsOf(planOf({ accounts: simulated }))).toMatchObject([{ kind: 'newly-simulated' }]);
    const id = accountIdOf('http://127.0.0.1:9/sim', 'SIM');
    const other = simulated.map((account) => ({
      ...account,
      id,
      baseUrl: 'http://127.0.0.1:9/sim',
      keyVariable: 'SIM',
    }));
    await started(planOf({ accounts: other }));
    const silent = planOf({ accounts: other.map((account) => ({ ...account, simulated: false })) });
    expect((await planStart(database.db, silent)).notices).toEqual([
      expect.stringContaining('http://127.0.0.1:9/sim with SIM is known as SIMULATED from earlier rounds'),
    ]);
    await started(silent);
    expect(await database.db.select().from(accounts).where(eq(accounts.id, id))).toMatchObject([{ simulated: true }]);
  });

  test('where the prompts’ file fails halfway', async () => {
    const broken = {
      ...source(['x']),
      hash: 'broken',
      async *prompts(): AsyncGenerator<NewPrompt> {
        yield { externalId: '1', messages: [{ role: 'user', content: 'x' }], requirements: [], position: 0 };
        throw ProblemsError.of({ kind: 'prompts', message: 'was changed while it was read' });
      },
    };
    expect(await problemsOf(planOf({ prompts: broken }))).toHaveLength(1);
    expect(await database.db.select().from(promptSets).where(eq(promptSets.hash, 'broken'))).toEqual([]);
  });
});

test('a model of which the round’s table says nothing is told, at the start and before it', async () => {
  const plan = planOf({ judged: { form: null, manual: 'small', capability: 'small@2' } });
  const silent = [
    expect.stringContaining('small@2 says nothing of the model m (family, parameters, regime not given)'),
  ];
  expect((await planStart(database.db, plan)).notices).toEqual(silent);
  expect((await started(plan)).notices).toEqual(silent);
});

describe('calling a round off', () => {
  test('holds at once, releases leases, and nudges the round and its live shards', async () => {
    const { id, labellers } = await openRound(database.db, { items: 3 });
    for (const { id: labellerId } of labellers) await next(database.db, { roundId: id, labellerId });
    await database.db.delete(outbox).where(eq(outbox.roundId, id));
    const plan = await cancelRound(database.db, { roundId: id, by, dryRun: true });
    expect(plan).toMatchObject({ kind: 'would-cancel' });
    expect((await rowsOf(id)).round?.status).toBe('running');

    const both = await Promise.all([1, 2].map(() => cancelRound(database.db, { roundId: id, by, why: 'wrong model' })));
    expect(both.map(({ kind }) => kind).sort()).toEqual(['already-cancelled', 'cancelled']);
    const { round, nudges, acts } = await rowsOf(id);
    expect(round).toMatchObject({ status: 'cancelled', statusReason: 'wrong model', endedAt: expect.any(Date) });
    expect(nudges.map(({ shard }) => shard)).toEqual([null, 0]);
    expect(acts.map(({ action }) => action)).toEqual(['round.cancel']);
    const leases = await database.db.select().from(assignments).where(eq(assignments.roundId, id));
    expect(leases.map(({ state }) => state)).toEqual(['released']);
    expect((await roundStanding(database.db, id))?.status).toBe('cancelled');
  });

  test('that has ended is refused', async () => {
    const { roundId } = await started();
    await database.db.update(rounds).set({ status: 'done', endedAt: sql`now()` }).where(eq(rounds.id, roundId));
    expect(await cancelRound(database.db, { roundId, by })).toEqual({ kind: 'ended', status: 'done' });
  });
});

describe('which round is meant', () => {
  test('latest is the newest; the beginning of an id is enough where only one begins so', async () => {
    const { roundId } = await started();
    expect(await resolveRoundId(database.db, 'latest')).toBe(roundId);
    expect(await resolveRoundId(database.db, roundId.slice(0, 9))).toBe(roundId);
    expect(await resolveRoundId(database.db, roundId.toUpperCase())).toBe(roundId);
    expect((await listRounds(database.db, { limit: 1 }))[0]).toMatchObject({ roundId, items: 3, startedBy: 'Olga' });
  });

  test('none and several are told apart', async () => {
    await started();
    await expect(resolveRoundId(database.db, 'r-zzzzzzzzzz')).rejects.toMatchObject({
      problems: [{ kind: 'unknown-round' }],
    });
    await expect(resolveRoundId(database.db, 'r-')).rejects.toMatchObject({ problems: [{ kind: 'ambiguous-round' }] });
    await expect(resolveRoundId(database.db, '%')).rejects.toMatchObject({ problems: [{ kind: 'unknown-round' }] });
  });
});

test('a guarantee that no outcome could meet is a notice: below 2 % takes 149 prompts', async () => {
  const texts = (n: number) => Array.from({ length: n }, (_, i) => `prompt ${i}`);
  const plan = planOf({ prompts: source(texts(149)) });
  const claimed = (sample: number) => ({
    ...plan,
    sample,
    frozen: { ...plan.frozen, guarantee: { below: 0.02, confidence: 0.95 } },
  });
  expect((await started(claimed(148))).notices).toEqual([expect.stringContaining('at least 149 prompts')]);
  expect((await started(claimed(149))).notices).toEqual([]);
});
