import { termsOf } from '../../../db/rounds/terms';
import { capabilityTables } from '../../../db/schema';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { cell, judgeByManual, KNOWS_LENGTH, storeTable } from '../../setup/manual';
import { openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await judgeByManual(database.db, (await openRound(database.db)).id);
});
afterAll(() => database.drop());

const terms = (judged: Partial<Parameters<typeof termsOf>[1]>) =>
  termsOf(database.db, { form: null, manual: null, capability: null, ...judged });

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
    { kind: 'other-table', message: expect.stringContaining('flying') },
  ]);
});
