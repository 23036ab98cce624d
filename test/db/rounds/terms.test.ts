import { type JudgedBy, tableMisfit, termsOf } from '../../../db/rounds/terms';
import { capabilityTables } from '../../../db/schema';
import type { ModelPattern, ModelTraits } from '../../../domain/capability';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { cell, judgeByManual, KNOWS_LENGTH, SMALL_MANUAL, storeTable } from '../../setup/manual';
import { openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await judgeByManual(database.db, (await openRound(database.db)).id);
});
afterAll(() => database.drop());

const terms = (judged: Partial<JudgedBy>, models: readonly ModelTraits[] = []) =>
  termsOf(database.db, { form: null, manual: null, capability: null, ...judged }, models);

test('without a manual a round asks for the verdict, and for nothing else', async () => {
  expect(await terms({})).toMatchObject({ form: 'verdict', manualRevision: null, problems: [], notices: [] });
  expect((await terms({ form: 'obvious-misalignment' })).problems).toMatchObject([
    { kind: 'needs-manual', at: 'manual' },
  ]);
  expect((await terms({ capability: 'small' })).problems).toMatchObject([{ kind: 'needs-manual', at: 'capability' }]);
});

test('a manual names the form; a spec that says another is refused', async () => {
  expect(await terms({ manual: 'small' })).toMatchObject({ form: 'obvious-misalignment', manualName: 'small@1' });
  expect((await terms({ manual: 'small@1', form: 'verdict' })).problems).toMatchObject([
    { kind: 'other-form', at: 'form' },
  ]);
  expect((await terms({ manual: 'smal' })).problems).toMatchObject([{ kind: 'unknown-manual', at: 'manual' }]);
});

test('the newest table of the manual holds, unless another is named; without one that is said', async () => {
  await database.db.delete(capabilityTables);
  expect((await terms({ manual: 'small' })).notices).toEqual([expect.stringContaining('capability-unknown')]);
  const first = await storeTable(database.db, KNOWS_LENGTH);
  const second = await storeTable(database.db, [cell('right-length', 'unknown')]);
  expect(await terms({ manual: 'small' })).toMatchObject({
    capabilityTable: second,
    tableName: 'small@2',
    notices: [],
  });
  expect(await terms({ manual: 'small', capability: 'small@1' })).toMatchObject({
    capabilityTable: first,
    problems: [],
  });
  expect((await terms({ manual: 'small', capability: 'small@7' })).problems).toMatchObject([{ kind: 'unknown-table' }]);
});

test('a table of entries that the manual lacks is refused', async () => {
  await storeTable(database.db, [cell('flying', 'capable')]);
  expect((await terms({ manual: 'small' })).problems).toMatchObject([
    {
      kind: 'other-table',
      message: expect.stringMatching(
        /^the capability table small@\d+ speaks of flying, which the manual small@1 lacks$/,
      ),
      at: 'capability',
    },
  ]);
});

test('a table fits a manual of its name that has its entries', () => {
  const manual = { manual: SMALL_MANUAL, revision: 2 };
  const found = (name: string, entry: string) => ({
    table: { manual: name, cells: [cell(entry, 'capable')] },
    revision: 3,
  });
  expect(tableMisfit(found('small', 'right-length'), manual)).toBeUndefined();
  expect(tableMisfit(found('small', 'tells-what-is-wanted'), manual)).toBeUndefined();
  expect(tableMisfit(found('small', 'flying'), manual)?.message).toBe(
    'the capability table small@3 speaks of flying, which the manual small@2 lacks',
  );
  expect(tableMisfit(found('large', 'right-length'), manual)?.message).toBe(
    'the capability table large@3 is not for the manual small@2',
  );
});

describe('a model of which the table says nothing', () => {
  const model = (id: string, traits: Partial<ModelTraits> = {}): ModelTraits => ({
    id,
    family: null,
    parameters: null,
    regime: null,
    ...traits,
  });
  const asking = (of: Partial<ModelPattern>) => ({
    pattern: { families: null, parameters: null, regimes: null, ...of },
  });
  const chat = { ...cell('right-length', 'capable'), target: asking({ regimes: ['chat'] }) };
  const told = async (cells: Parameters<typeof storeTable>[1], ...models: ModelTraits[]) => {
    await database.db.delete(capabilityTables);
    await storeTable(database.db, cells);
    return (await terms({ manual: 'small' }, models)).notices;
  };

  test('is told, with what is not known of it; the others are not', async () => {
    const whole = model('whole', { family: 'oak', parameters: 7e9, regime: 'base' });
    expect(await told([chat], model('small'), model('talks', { regime: 'chat' }), whole)).toEqual([
      'small@1 says nothing of the model small (family, parameters, regime not given): every fault of it will be ambiguous (capability-unknown)',
      'small@1 says nothing of the model whole: every fault of it will be ambiguous (capability-unknown)',
    ]);
    expect(await told([chat], model('small', { family: 'oak' }))).toEqual([
      expect.stringContaining('(parameters, regime not given)'),
    ]);
  });

  test('is also one whose cells have expired or say unknown, or who is only known to tell what is wanted', async () => {
    const expired = { ...cell('right-length', 'capable'), expires: '2026-01-02' };
    const says = [expired, cell('known-facts', 'unknown'), cell('tells-what-is-wanted', 'capable')];
    expect(await told(says, model('small'))).toHaveLength(1);
  });

  test('is not one that cannot tell what is wanted: its faults are settled as unavoidable', async () => {
    expect(await told([cell('tells-what-is-wanted', 'not-capable')], model('small'))).toEqual([]);
  });
});
