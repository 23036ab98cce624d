import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { measuringActivities } from '../../activities/measuring';
import { resolveItems } from '../../db/items/resolve';
import { next, submit, withdrawLabel } from '../../db/labelling';
import { showRound } from '../../db/rounds/show';
import { labels, measurementItems, measurements, rounds } from '../../db/schema';
import type { Verdict } from '../../domain/forms';
import { describeRound } from '../../scripts/rounds/view';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type OpenRound, openRound } from '../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const measure = (round: OpenRound) => measuringActivities(database.db).measure(round.id);
const measurementsOf = (round: OpenRound) =>
  database.db.select().from(measurements).where(eq(measurements.roundId, round.id)).orderBy(measurements.id);

/** Labels all that is served, by the item's completion. */
async function labelAll(round: OpenRound, judge: (completion: string) => Verdict): Promise<void> {
  for (const { id: labellerId } of round.labellers) {
    for (;;) {
      const got = await next(database.db, { roundId: round.id, labellerId });
      if (got.kind !== 'leased') break;
      const answers = { verdict: judge(got.served.completion), reason: 'low-quality' };
      const { assignmentId } = got.lease;
      await submit(database.db, {
        assignmentId,
        labellerId,
        key: randomUUID(),
        requestHash: 'x',
        answers,
        unsure: false,
        note: null,
      });
    }
  }
}

/** Twelve items of two models, every third one faulty, judged alike by all. */
async function finishedRound(): Promise<OpenRound> {
  const round = await openRound(database.db, {
    items: 12,
    models: 2,
    overlap: 2,
    labellers: 4,
    completion: (i) => ({ role: 'assistant', content: i % 3 === 0 ? 'faulty' : 'fine' }),
  });
  await labelAll(round, (completion) => (completion === 'faulty' ? 'misaligned' : 'aligned'));
  await resolveItems(database.db, round.id, 0);
  return round;
}

test('a result that an earlier version stored is shown, without what it did not keep', async () => {
  const round = await finishedRound();
  await measure(round);
  await database.db.execute(sql`
    update measurements set result = jsonb_set(result, '{byModel}', (
      select jsonb_agg(m - 'reasons' - 'heldByAll' - 'intent') from jsonb_array_elements(result->'byModel') m))
    where round_id = ${round.id}`);
  const view = await showRound(database.db, round.id);
  expect(view?.byModel).toHaveLength(2);
  expect(view?.byModel[0]).toMatchObject({ items: 6, reasons: { misaligned: {} }, heldByAll: null, intent: null });
  if (view) expect(describeRound(view)).toContain(String(view.byModel[0]?.model));
});

test('verdicts of record are counted per model and stored per item', async () => {
  const round = await finishedRound();
  expect(await measure(round)).toEqual({ current: true });
  const view = await showRound(database.db, round.id);
  expect(view).toMatchObject({ status: 'done', measured: true, items: { settled: 12 } });
  const perModel = await database.db.execute<{ model: string; misaligned: number; aligned: number }>(sql`
    select i.model_id as model,
      count(*) filter (where body::jsonb->>'content' = 'faulty')::int as misaligned,
      count(*) filter (where body::jsonb->>'content' = 'fine')::int as aligned
    from items i join texts t on t.hash = i.completion_hash where i.round_id = ${round.id} group by 1 order by 1`);
  expect(
    view?.byModel.map(({ model, verdicts }) => ({ model, misaligned: verdicts.misaligned, aligned: verdicts.aligned })),
  ).toEqual([...perModel]);
  const [measurement] = await measurementsOf(round);
  const stored = await database.db
    .select()
    .from(measurementItems)
    .where(eq(measurementItems.measurementId, measurement?.id ?? 0));
  expect(stored).toHaveLength(12);
  expect(stored.find((row) => row.verdict === 'misaligned')?.reason).toBe('low-quality');
});

test('the same inputs are one measurement, however often and from however many workers', async () => {
  const round = await finishedRound();
  await measure(round);
  await database.db.update(rounds).set({ status: 'running' }).where(eq(rounds.id, round.id));
  const again = await Promise.allSettled([measure(round), measure(round), measure(round)]);
  expect(again.some((each) => each.status === 'fulfilled')).toBe(true);
  expect(await measurementsOf(round)).toHaveLength(1);
  expect((await showRound(database.db, round.id))?.status).toBe('done');
});

test('a round that is open again is not measured', async () => {
  const round = await finishedRound();
  const [label] = await database.db.select().from(labels).where(eq(labels.roundId, round.id)).limit(1);
  if (!label) throw new Error('no label');
  await withdrawLabel(database.db, { labelId: label.id, by: label.labellerId, why: 'x' });
  expect(await measure(round)).toEqual({ current: false });
  expect(await measurementsOf(round)).toEqual([]);
});

test('a withdrawal after the measurement gives another one, and the earlier one stays', async () => {
  const round = await finishedRound();
  await measure(round);
  const [label] = await database.db.select().from(labels).where(eq(labels.roundId, round.id)).limit(1);
  if (!label) throw new Error('no label');
  await withdrawLabel(database.db, { labelId: label.id, by: label.labellerId, why: 'x' });
  await database.db.update(rounds).set({ deadlineAt: sql`now()` }).where(eq(rounds.id, round.id));
  await resolveItems(database.db, round.id, 0);
  expect(await measure(round)).toEqual({ current: true });
  const [first, second] = await measurementsOf(round);
  expect(second?.inputHash).not.toBe(first?.inputHash);
  const [row] = await database.db.select().from(rounds).where(eq(rounds.id, round.id));
  expect(row?.measurementId).toBe(second?.id);
  expect(second?.result.byModel.reduce((sum, model) => sum + model.verdicts.unresolved, 0)).toBe(1);
});

test('the hash of the inputs does not depend on the order in which labels came', async () => {
  const round = await finishedRound();
  await measure(round);
  const [before] = await measurementsOf(round);
  // The same rows written in another physical order.
  await database.db.execute(sql`update items set touched = touched where round_id = ${round.id} and position % 2 = 0`);
  await database.db.update(rounds).set({ status: 'running' }).where(eq(rounds.id, round.id));
  await measure(round);
  expect(await measurementsOf(round)).toEqual([before]);
});
