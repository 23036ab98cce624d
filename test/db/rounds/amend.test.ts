import { eq, sql } from 'drizzle-orm';
import { measuringActivities } from '../../../activities/measuring';
import { resolveItems } from '../../../db/items/resolve';
import { readTable } from '../../../db/manuals/read';
import { previewTable } from '../../../db/measurement/preview';
import { amendTable } from '../../../db/rounds/amend';
import { holdRound, readRound } from '../../../db/rounds/read';
import { showRound } from '../../../db/rounds/show';
import { items, labels, measurementItems, rounds } from '../../../db/schema';
import type { PersonId } from '../../../domain/ids';
import { describeMeasurements } from '../../../scripts/rounds/view';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk } from '../../setup/desk';
import { cell, FAULTY, FINE, judgeByManual, KNOWS_LENGTH, storeTable } from '../../setup/manual';
import { until } from '../../setup/processes';
import { type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const measure = (round: OpenRound) => measuringActivities(database.db).measure(round.id);
const labelsOf = (round: OpenRound) =>
  database.db.select().from(labels).where(eq(labels.roundId, round.id)).orderBy(labels.id);
const researcher = async (round: OpenRound): Promise<PersonId> => (await readRound(database.db, round.id)).startedBy;

/** Four items, the first two with a fault of length; nothing is known of the model. */
async function measured(): Promise<OpenRound> {
  const round = await openRound(database.db, { items: 4, overlap: 1, labellers: 1 });
  await judgeByManual(database.db, round.id, []);
  await database.db
    .update(rounds)
    .set({ spec: { ...(await readRound(database.db, round.id)).spec, guarantee: { below: 0.9, confidence: 0.9 } } })
    .where(eq(rounds.id, round.id));
  const [labeller] = round.labellers;
  if (!labeller) throw new Error('nobody');
  const desk = new Desk(database.db, round.id, labeller.id);
  for (const answers of [FAULTY, FAULTY, FINE, FINE]) await desk.label({ answers });
  await resolveItems(database.db, round.id, 0);
  await measure(round);
  return round;
}

test('a table that knows more turns ambiguous into misaligned, touches no label, and measures anew beside the old', async () => {
  const round = await measured();
  const before = await labelsOf(round);
  expect(await showRound(database.db, round.id)).toMatchObject({
    byModel: [
      { verdicts: { misaligned: 0, ambiguous: 2, aligned: 2 }, reasons: { ambiguous: { 'capability-unknown': 2 } } },
    ],
    amendments: [],
  });
  const table = await storeTable(database.db, KNOWS_LENGTH);
  const by = await researcher(round);
  expect(await amendTable(database.db, { roundId: round.id, table, by, why: 'a benchmark' })).toMatchObject({
    kind: 'amended',
    items: 4,
  });
  expect(await showRound(database.db, round.id)).toMatchObject({ status: 'running', measured: false });
  await resolveItems(database.db, round.id, 0);
  expect(await measure(round)).toEqual({ current: true });
  const view = await showRound(database.db, round.id);
  expect(view).toMatchObject({
    status: 'done',
    byModel: [
      {
        verdicts: { misaligned: 2, ambiguous: 0, aligned: 2 },
        reasons: { misaligned: { instruction: 2 } },
        intent: { counts: { met: 2, 'not-met': 2 } },
      },
    ],
    amendments: [{ by, why: 'a benchmark', what: 'capability-table', to: table }],
    measurements: [
      { current: true, byModel: [{ verdicts: { misaligned: 2 } }] },
      { current: false, byModel: [{ verdicts: { misaligned: 0 } }] },
    ],
  });
  if (view) {
    const lines = describeMeasurements(view).split('\n');
    expect(lines[1]).toMatch(/\(current\).*2 +2 +0 +0 +50% to 50%$/);
    expect(lines[2]).toMatch(/0 +2 +2 +0 +0% to 50%$/);
  }
  const [newer, older] = view?.measurements ?? [];
  expect(newer?.answersHash).toBe(older?.answersHash);
  expect(newer?.capabilityTable).not.toBe(older?.capabilityTable);
  expect(await labelsOf(round)).toEqual(before);
  const rows = await database.db
    .select()
    .from(measurementItems)
    .where(eq(measurementItems.measurementId, newer?.measurementId ?? 0));
  expect(rows.filter((row) => row.verdict === 'misaligned')).toMatchObject([
    { reason: 'instruction', cites: 'right-length', intent: 'not-met' },
    { reason: 'instruction', cites: 'right-length', intent: 'not-met' },
  ]);
});

test('a guarantee ends with the amendment, whatever its limits say', async () => {
  const round = await measured();
  expect((await showRound(database.db, round.id))?.byModel[0]?.guarantee?.status).toBe('met');
  const table = await storeTable(database.db, KNOWS_LENGTH);
  await amendTable(database.db, { roundId: round.id, table, by: await researcher(round), why: 'new' });
  await resolveItems(database.db, round.id, 0);
  await measure(round);
  expect((await showRound(database.db, round.id))?.byModel[0]?.guarantee?.status).toBe('ended');
});

test('the preview says per model what would change, and changes nothing', async () => {
  const round = await measured();
  const table = await readTable(database.db, await storeTable(database.db, KNOWS_LENGTH));
  const stored = await readRound(database.db, round.id);
  expect(await previewTable(database.db, stored, table)).toMatchObject([
    {
      model: round.items[0]?.modelId,
      items: 4,
      changed: 2,
      moves: [{ from: 'ambiguous', to: 'misaligned', items: 2 }],
      before: { verdicts: { misaligned: 0 } },
      after: { verdicts: { misaligned: 2 } },
    },
  ]);
  expect(await readRound(database.db, round.id)).toEqual(stored);
});

test('the same table again is nothing new; a cancelled round takes none', async () => {
  const round = await measured();
  const by = await researcher(round);
  const table = await storeTable(database.db, [cell('right-length', 'not-capable')]);
  const amending = { roundId: round.id, table, by, why: 'x' };
  expect(await amendTable(database.db, amending)).toMatchObject({ kind: 'amended' });
  expect(await amendTable(database.db, amending)).toEqual({ kind: 'already' });
  await database.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  const other = await storeTable(database.db, KNOWS_LENGTH);
  expect(await amendTable(database.db, { ...amending, table: other })).toEqual({ kind: 'over', status: 'cancelled' });
});

test('what is resolved by the old table while an amendment waits for the round is looked at again', async () => {
  const round = await openRound(database.db, { items: 1, labellers: 1 });
  await judgeByManual(database.db, round.id, []);
  const by = await researcher(round);
  const table = await storeTable(database.db, KNOWS_LENGTH);
  const desk = new Desk(database.db, round.id, round.labellers[0]?.id ?? by);
  const lease = await desk.lease();
  let amended: ReturnType<typeof amendTable> | undefined;
  await database.db.transaction(async (tx) => {
    await holdRound(tx, round.id);
    amended = amendTable(database.db, { roundId: round.id, table, by, why: 'new' });
    await until('the amendment waits', async () => {
      const [row] = await database.db.execute<{ n: number }>(
        sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return (row?.n ?? 0) > 0;
    });
    await desk.submit(lease.assignmentId, { answers: FAULTY });
    expect((await resolveItems(database.db, round.id, 0)).items).toEqual({ settled: 1 });
  });
  expect(await amended).toMatchObject({ kind: 'amended', items: 1 });
  const [item] = await database.db.select().from(items).where(eq(items.roundId, round.id));
  expect(item).toMatchObject({ state: 'settled', touched: true });
});

test('two who amend by the same table at once leave one amendment', async () => {
  const round = await measured();
  const by = await researcher(round);
  const table = await storeTable(database.db, KNOWS_LENGTH);
  const both = await Promise.all(
    ['one', 'two'].map((why) => amendTable(database.db, { roundId: round.id, table, by, why })),
  );
  expect(both.map(({ kind }) => kind).sort()).toEqual(['already', 'amended']);
  expect((await showRound(database.db, round.id))?.amendments).toHaveLength(1);
});

test('going back to the first table gives the first verdicts again, as an amended measurement', async () => {
  const round = await measured();
  const by = await researcher(round);
  const first = (await readRound(database.db, round.id)).capabilityTable;
  if (!first) throw new Error('no table');
  const table = await storeTable(database.db, KNOWS_LENGTH);
  await amendTable(database.db, { roundId: round.id, table, by, why: 'there' });
  await resolveItems(database.db, round.id, 0);
  await measure(round);
  await amendTable(database.db, { roundId: round.id, table: first, by, why: 'and back' });
  await resolveItems(database.db, round.id, 0);
  await measure(round);
  const view = await showRound(database.db, round.id);
  expect(view?.measurements.map(({ current }) => current)).toEqual([true, false, false]);
  expect(new Set(view?.measurements.map(({ answersHash }) => answersHash)).size).toBe(1);
  expect(view?.byModel[0]).toMatchObject({ verdicts: { ambiguous: 2 }, guarantee: { status: 'ended' } });
});
