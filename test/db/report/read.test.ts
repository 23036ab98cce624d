import { eq, sql } from 'drizzle-orm';
import { skip, withdrawLabel } from '../../../db/labelling';
import { readReport } from '../../../db/report/read';
import { labels } from '../../../db/schema';
import type { RoundId } from '../../../domain/ids';
import { reportedRound } from '../../scripts/reportedRound';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk } from '../../setup/desk';
import { nth, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function read(roundId: RoundId) {
  const report = await readReport(database.db, roundId, { version: '1.2.3', examples: true });
  if (!report) throw new Error('no report');
  return report;
}

test('who answers at random is told from who shared items with them, and it is counted what it cost', async () => {
  const round = await reportedRound(database.db);
  const report = await read(round.id);
  const out = report.labellers.filter(({ signs }) => signs.length > 0);
  expect(out.map(({ labellerId }) => labellerId).sort()).toEqual([...round.careless].sort());
  for (const each of out) expect(each.signs).toEqual(expect.arrayContaining(['disagrees', 'too-fast']));
  expect(report.madeContested).toBeGreaterThan(0);
  expect(report.madeContested).toBeLessThanOrEqual(report.adjudication.contested);
  expect(report.labellers.map(({ name }) => name).filter((name) => name !== null)).toHaveLength(2);
});

test('a labeller’s time is counted also for what was withdrawn or could not be judged; the median is of what counts', async () => {
  const round = await openRound(database.db, { items: 4, overlap: 1, labellers: 1 });
  const desk = new Desk(database.db, round.id, nth(round.labellers, 0).id);
  const [first, second, third] = [await desk.label(), await desk.label({ unsure: true }), await desk.lease()];
  await skip(database.db, { assignmentId: third.assignmentId, labellerId: desk.id, code: 'language' });
  for (const [i, { assignmentId }] of [first, second, third].entries()) {
    await database.db.execute(sql`
      update assignments set leased_at = leased_at - make_interval(secs => ${10 * (i + 1)}::float8) where id = ${assignmentId}`);
  }
  await withdrawLabel(database.db, { labelId: first.labelId, by: desk.id, why: 'x' });
  const [labeller, ...others] = (await read(round.id)).labellers;
  expect(others).toEqual([]);
  expect(labeller).toMatchObject({ labels: 1, unsure: 1, cantJudge: 1, name: null, kind: 'human' });
  expect(labeller?.medianSeconds).toBeCloseTo(20, 0);
  expect(labeller?.seconds).toBeCloseTo(60, 0);
  expect(await database.db.select().from(labels).where(eq(labels.roundId, round.id))).toHaveLength(2);
});

test('a round of many pages is read whole, once', async () => {
  const { id, labellers } = await openRound(database.db, { items: 4_100, overlap: 1, labellers: 1 });
  await database.db.execute(sql`
    insert into members (round_id, labeller_id, arm) values (${id}, ${nth(labellers, 0).id}, 'main')`);
  await database.db.execute(sql`
    with given as (insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, state, one_per_prompt, expires_at)
      select round_id, id, prompt_id, 'main', ${nth(labellers, 0).id}, 'submitted', true, now() from items
      where round_id = ${id} returning *)
    insert into labels (assignment_id, round_id, item_id, arm, labeller_id, form, answers, idempotency_key, request_hash)
    select id, round_id, item_id, arm, labeller_id, 'verdict', '{"verdict": "aligned"}', id::text, 'x' from given`);
  const { labellers: seen, items } = await read(id);
  expect(items.total).toBe(4_100);
  expect(seen).toMatchObject([{ labels: 4_100, verdicts: { aligned: 4_100 }, others: { n: 0, of: 0 } }]);
});

test('no other person than who amended is named, and no token or key is in it', async () => {
  const round = await reportedRound(database.db);
  const text = JSON.stringify(await read(round.id));
  expect(text).not.toMatch(/Rosa|Ruth|labeller p_/);
  for (const { token } of round.labellers) expect(text).not.toContain(token);
  expect(text).not.toContain('127.0.0.1');
});
