import { sql } from 'drizzle-orm';
import { atOnce } from '../../db/atOnce';
import { type Connection, connect } from '../../db/connection';
import { failureCode } from '../../db/failures';
import { rowsOf, statement } from '../../db/prepared';
import { createTestDatabase, type TestDatabase } from '../setup/database';

let here: TestDatabase;
/** One connection: whoever does not give it back keeps everybody waiting. */
let single: Connection;
beforeAll(async () => {
  here = await createTestDatabase();
  await here.db.execute(sql`create table numbers (n int primary key)`);
  single = connect(here.url, { max: 1, name: 'single' });
});
afterAll(async () => {
  await single.close();
  await here.drop();
});
beforeEach(async () => {
  await here.db.execute(sql`truncate numbers`);
});

const insert = statement<{ n: number }, { n: number }>(
  ({ n }) => sql`insert into numbers values (${n}) returning n, ${n}::int + 1 as above`,
);
const all = statement<Record<string, never>, { n: number }>(() => sql`select n from numbers order by n`);

test('statements run in order as one transaction, and the last one’s rows come back', async () => {
  expect([...(await atOnce(single.db, insert({ n: 2 }), insert({ n: 1 }), all({})))]).toEqual([{ n: 1 }, { n: 2 }]);
  expect([...(await atOnce(single.db, insert({ n: 3 })))]).toEqual([{ n: 3, above: 4 }]);
  expect(await here.db.execute(sql`select n from numbers`)).toHaveLength(3);
});

test('where one fails nothing is kept, the failure is its own, and the connection serves the next', async () => {
  const failing = atOnce(single.db, insert({ n: 1 }), insert({ n: 1 }), insert({ n: 2 }));
  expect(failureCode(await failing.catch((error: unknown) => error))).toBe('23505');
  expect([...(await atOnce(single.db, all({})))]).toEqual([]);
});

test('many at once share few connections', async () => {
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  await Promise.all(numbers.map((n) => atOnce(single.db, insert({ n }), all({}))));
  expect([...(await rowsOf(here.db, all({})))]).toEqual(numbers.map((n) => ({ n })));
});
