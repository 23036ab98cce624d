import { sql } from 'drizzle-orm';
import { type Connection, connect } from '../../../db/connection';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk } from '../../setup/desk';
import { openRound } from '../../setup/round';

const LABELLERS = 50;

let here: TestDatabase;
let crowd: Connection;
beforeAll(async () => {
  here = await createTestDatabase();
  crowd = connect(here.url, { max: 20, name: 'crowd' });
});
afterAll(async () => {
  await crowd.close();
  await here.drop();
});

test('fifty labellers at once never over-collect, and none gets an item or a prompt twice', async () => {
  const { id, labellers } = await openRound(here.db, { items: 100, models: 2, overlap: 3, labellers: LABELLERS });
  const desks = labellers.map((labeller) => new Desk(crowd.db, id, labeller.id));
  const drained = await Promise.all(desks.map((desk) => desk.drain()));
  expect(drained.flat()).toHaveLength(100 * 3);
  const [counts] = await here.db.execute(sql`
    select (select count(*)::int from labels where round_id = ${id}) as labels,
      (select count(*)::int from item_arms where round_id = ${id} and taken <> 3) as "notFull",
      (select count(*)::int from (select 1 from assignments where round_id = ${id}
        group by labeller_id, prompt_id having count(*) > 1) twice) as "promptsTwice"`);
  expect(counts).toEqual({ labels: 300, notFull: 0, promptsTwice: 0 });
  expect(await brokenRules(here.db, id)).toEqual([]);
});

test('fifty labellers who start together lease fifty different slots of few items', async () => {
  const { id, labellers } = await openRound(here.db, { items: 100, overlap: 3, labellers: LABELLERS });
  const desks = labellers.map((labeller) => new Desk(crowd.db, id, labeller.id));
  await Promise.all(desks.map((desk) => desk.lease()));
  const [begun] = await here.db.execute<{ taken: number; items: number }>(sql`
    select sum(taken)::int as taken, count(*) filter (where taken > 0)::int as items from item_arms where round_id = ${id}`);
  expect(begun?.taken).toBe(LABELLERS);
  // Seventeen at least; more only where several asked at the very same moment.
  expect(begun?.items).toBeLessThanOrEqual(17 + 20);
});
