import { sql } from 'drizzle-orm';
import { type Connection, connect } from '../../../db/connection';
import { givePlaces } from '../../../db/places';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk, slotsOf } from '../../setup/desk';
import { nth, openRound } from '../../setup/round';

let here: TestDatabase;
/** One connection, whose reading can be counted. */
let single: Connection;
beforeAll(async () => {
  here = await createTestDatabase();
  single = connect(here.url, { max: 1, name: 'counted' });
});
afterAll(async () => {
  await single.close();
  await here.drop();
});

/** Blocks of tables and indexes that everything on the counted connection has touched so far. */
async function blocksRead(): Promise<number> {
  await single.db.execute(sql`select pg_stat_force_next_flush()`);
  await single.db.execute(sql`select 1`);
  const [row] = await single.db.execute<{ n: number }>(sql`
    select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::float8 as n from pg_statio_user_tables`);
  return row?.n ?? 0;
}

/** Blocks that one lease and label cost, the median of a few. */
async function costOf(desk: Desk): Promise<number> {
  const costs: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    const before = await blocksRead();
    await desk.label();
    costs.push((await blocksRead()) - before);
  }
  return nth(
    costs.sort((a, b) => a - b),
    4,
  );
}

/** A labeller's past in a round, as rows: every item up to this position labelled by them and by all others. */
async function pretendLabelled(roundId: string, labellerId: string, upTo: number): Promise<void> {
  await here.db.execute(sql`
    insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, state, one_per_prompt, expires_at)
    select round_id, id, prompt_id, 'main', ${labellerId}, 'submitted', true, now() from items
    where round_id = ${roundId} and position < ${upTo}
    on conflict do nothing`);
  await here.db.execute(sql`
    update item_arms set taken = 1 where item_id in (select id from items where round_id = ${roundId} and position < ${upTo})`);
}

const cursorOf = async (roundId: string, labellerId: string) => {
  const [row] = await here.db.execute<{ cursor: number }>(sql`
    select cursor::int as cursor from members where round_id = ${roundId} and labeller_id = ${labellerId}`);
  return row?.cursor;
};

/** Indexes grow a level with the tables, and old versions of rows lie about; a walk over the past would be thousands. */
const A_FEW_BLOCKS = 200;

test('a lease and a label cost the same after thousands as after a few, and in a long queue as in a short one', async () => {
  const short = await openRound(here.db, { items: 60, overlap: 2 });
  const long = await openRound(here.db, { items: 3_000, overlap: 2, labellers: 0 });
  const labeller = nth(short.labellers, 0).id;
  const few = new Desk(single.db, short.id, labeller);
  const many = new Desk(single.db, long.id, labeller);
  await few.label();
  await many.label();
  const inShort = await costOf(few);
  const inLong = await costOf(many);
  await pretendLabelled(long.id, labeller, 2_500);
  await many.label();
  const afterThousands = await costOf(many);
  expect(inLong).toBeLessThan(inShort + A_FEW_BLOCKS);
  expect(afterThousands).toBeLessThan(inShort + A_FEW_BLOCKS);
});

test('a lease and a label cost the same however many leases others hold', async () => {
  const { id, labellers } = await openRound(here.db, { items: 3_000, labellers: 2 });
  const desk = new Desk(single.db, id, nth(labellers, 0).id);
  const other = new Desk(here.db, id, nth(labellers, 1).id);
  await desk.label();
  await other.label();
  // More often than it takes Postgres to settle on one plan, while there are few leases.
  const alone = await costOf(desk);
  await here.db.execute(sql`
    insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, one_per_prompt, expires_at)
    select round_id, id, prompt_id, 'main', ${other.id}, true, now() + interval '1 hour' from items
    where round_id = ${id} and position >= 100
    on conflict do nothing`);
  await here.db.execute(sql`
    update item_arms set taken = 1 where item_id in (select id from items where round_id = ${id} and position >= 100)`);
  await desk.label();
  expect(await costOf(desk)).toBeLessThan(alone + A_FEW_BLOCKS);
});

test('a latecomer passes what others have filled once, and then no more', async () => {
  const { id, labellers } = await openRound(here.db, { items: 2_000, labellers: 2 });
  const late = new Desk(single.db, id, nth(labellers, 1).id);
  const other = new Desk(here.db, id, nth(labellers, 0).id);
  await other.label();
  await pretendLabelled(id, other.id, 1_900);
  await late.label();
  expect(await cursorOf(id, late.id)).toBeGreaterThanOrEqual(1_900);
  expect(await costOf(late)).toBeLessThan(400);
});

test('the cursor stops before items that another transaction holds, though the walk goes on', async () => {
  const { id, items, labellers } = await openRound(here.db, { items: 40, labellers: 2 });
  const desk = new Desk(here.db, id, nth(labellers, 0).id);
  const other = new Desk(here.db, id, nth(labellers, 1).id);
  await other.label();
  await here.db.transaction(async (tx) => {
    await tx.execute(sql`
      select 1 from item_arms where item_id in (select id from items where round_id = ${id} and position < 30) for update`);
    expect((await desk.label()).itemId).toBe(nth(items, 30).id);
    expect(await cursorOf(id, desk.id)).toBe(1);
  });
  expect(await desk.drain()).toHaveLength(38);
  expect(await cursorOf(id, desk.id)).toBe(40);
  expect(await slotsOf(here.db, nth(items, 1).id)).toEqual({ slots: 1, taken: 1 });
});

test('places are given in the order in which they become visible', async () => {
  const { id, items } = await openRound(here.db, { items: 1 });
  const writers = connect(here.url, { max: 8 });
  const item = nth(items, 0).id;
  const seen: number[] = [];
  const giving = Promise.all(
    Array.from({ length: 40 }, () => writers.db.transaction((tx) => givePlaces(tx, id, 'main', [item]))),
  ).then(() => true);
  const look = async () => {
    const [row] = await here.db.execute<{ n: number; last: number }>(sql`
      select count(*)::int as n, max(place)::int as last from places where round_id = ${id}`);
    expect(row?.last).toBe(row?.n);
    seen.push(row?.n ?? 0);
  };
  while (!(await Promise.race([giving, look()])));
  await look();
  expect(seen.at(-1)).toBe(41);
  await writers.close();
});
