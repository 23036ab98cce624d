import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { openItems } from '../../../db/items/open';
import { resolveItems } from '../../../db/items/resolve';
import { next, submit, withdrawLabel } from '../../../db/labelling';
import { advanceShards } from '../../../db/rounds/advance';
import { itemArms, items, outbox, places, rounds, shards } from '../../../db/schema';
import type { Verdict } from '../../../domain/forms';
import type { LabelId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { type OpenRound, openRound, type RoundOptions } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A round of one item, labelled by as many people as there are verdicts. */
async function labelled(
  verdicts: Verdict[],
  options: RoundOptions = {},
): Promise<{ round: OpenRound; labels: LabelId[] }> {
  const round = await openRound(database.db, { items: 1, overlap: 3, labellers: 3, ...options });
  const labels: LabelId[] = [];
  for (const [i, verdict] of verdicts.entries()) {
    const labellerId = round.labellers[i]?.id;
    if (!labellerId) throw new Error('too few labellers');
    const got = await next(database.db, { roundId: round.id, labellerId });
    if (got.kind !== 'leased') throw new Error(`nothing to label: ${got.kind}`);
    const submitted = await submit(database.db, {
      assignmentId: got.lease.assignmentId,
      labellerId,
      key: randomUUID(),
      requestHash: 'x',
      answers: { verdict },
      unsure: false,
      note: null,
    });
    if (submitted.kind === 'accepted') labels.push(submitted.labelId);
  }
  return { round, labels };
}
const pass = (round: OpenRound) =>
  database.db.update(rounds).set({ deadlineAt: sql`now()` }).where(eq(rounds.id, round.id));
const placesOf = async (round: OpenRound) =>
  (await database.db.select().from(places).where(eq(places.roundId, round.id))).length;

test('labels that agree settle the item, end the shard, and tell the round', async () => {
  const { round } = await labelled(['aligned', 'aligned', 'misaligned']);
  await database.db.delete(outbox).where(eq(outbox.roundId, round.id));
  expect(await resolveItems(database.db, round.id, 0)).toEqual({ state: 'done', ended: true, items: { settled: 1 } });
  expect(await database.db.select().from(outbox).where(eq(outbox.roundId, round.id))).toMatchObject([{ shard: null }]);
  expect(await advanceShards(database.db, round.id)).toMatchObject({ measurable: true, ended: false });
});

test('resolving again changes nothing', async () => {
  const { round } = await labelled(['aligned', 'aligned', 'ambiguous']);
  const first = await resolveItems(database.db, round.id, 0);
  await database.db.delete(outbox).where(eq(outbox.roundId, round.id));
  expect(await resolveItems(database.db, round.id, 0)).toEqual(first);
  expect(await database.db.select().from(outbox).where(eq(outbox.roundId, round.id))).toEqual([]);
});

test('too few labels leave it open, and only marked items are looked at', async () => {
  const { round } = await labelled(['aligned', 'aligned']);
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({
    state: 'labelling',
    ended: false,
    items: { open: 1 },
  });
  await database.db.update(items).set({ touched: false }).where(eq(items.roundId, round.id));
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({ items: { open: 1 } });
});

test('a split is contested, and at the deadline unresolved', async () => {
  const { round } = await labelled(['aligned', 'misaligned', 'ambiguous']);
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({ ended: false, items: { contested: 1 } });
  await pass(round);
  expect(await resolveItems(database.db, round.id, 0)).toEqual({
    state: 'done',
    ended: true,
    items: { unresolved: 1 },
  });
});

test('at the deadline what was never generated fails, and what was never labelled is unresolved', async () => {
  const round = await openRound(database.db, { items: 3, overlap: 1, pendingFrom: 1 });
  await pass(round);
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({
    state: 'done',
    items: { unresolved: 1, failed: 2 },
  });
  const failed = await database.db.select({ code: items.failCode }).from(items).where(eq(items.state, 'failed'));
  expect(failed).toEqual([{ code: 'not-generated' }, { code: 'not-generated' }]);
});

test('a withdrawal reopens a settled item with a free slot and a new place', async () => {
  const { round, labels } = await labelled(['aligned', 'aligned', 'aligned']);
  await resolveItems(database.db, round.id, 0);
  const before = await placesOf(round);
  await withdrawLabel(database.db, {
    labelId: labels[0] ?? ('' as LabelId),
    by: round.labellers[0]?.id ?? ('' as never),
    why: 'x',
  });
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({ state: 'labelling', items: { open: 1 } });
  expect(await placesOf(round)).toBe(before + 1);
  const [arm] = await database.db.select().from(itemArms).where(eq(itemArms.roundId, round.id));
  expect(arm).toMatchObject({ slots: 3, taken: 2 });
});

test('a mark left on a shard that was closed at the same moment reopens it', async () => {
  const { round } = await labelled(['aligned', 'aligned', 'aligned']);
  await resolveItems(database.db, round.id, 0);
  await database.db.update(rounds).set({ status: 'done' }).where(eq(rounds.id, round.id));
  await database.db.update(items).set({ touched: true }).where(eq(items.roundId, round.id));
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({ state: 'done', ended: true });
  // The round was told, so it measures anew.
  expect(await advanceShards(database.db, round.id)).toMatchObject({ status: 'running', measurable: true });
});

test('a cancelled round is left as it is', async () => {
  const { round } = await labelled(['aligned', 'aligned', 'aligned']);
  await database.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({ ended: true, items: { open: 1 } });
});

test('what a shard still has is kept with it, for those who ask in vain', async () => {
  const countsOf = async ({ id }: OpenRound) => {
    const [row] = await database.db.select().from(shards).where(eq(shards.roundId, id));
    return [row?.unopened, row?.open];
  };
  const { round } = await labelled(['aligned'], { items: 3, pendingFrom: 1, overlap: 1 });
  expect(await countsOf(round)).toEqual([2, 1]);
  await resolveItems(database.db, round.id, 0);
  expect(await countsOf(round)).toEqual([2, 0]);
  await database.db.execute(sql`
    update items set state = 'generated', completion_hash = (select hash from texts limit 1)
    where round_id = ${round.id} and state = 'pending'`);
  await openItems(database.db, round.id, 0);
  // Not less before all are counted: somebody may have asked for failed ones again meanwhile.
  expect(await countsOf(round)).toEqual([2, 2]);
  await resolveItems(database.db, round.id, 0);
  expect(await countsOf(round)).toEqual([0, 2]);
  await pass(round);
  await resolveItems(database.db, round.id, 0);
  expect(await countsOf(round)).toEqual([0, 0]);
});

describe('opening', () => {
  const generated = (round: OpenRound, i: number) =>
    database.db.execute(sql`
      update items set state = 'generated', completion_hash = (select hash from texts limit 1)
      where round_id = ${round.id} and position = ${i}`);

  test('waits for completions that are coming, and not for an account that may not be called', async () => {
    const round = await openRound(database.db, { items: 3, pendingFrom: 0 });
    await database.db.update(shards).set({ state: 'generating' }).where(eq(shards.roundId, round.id));
    await generated(round, 0);
    expect(await openItems(database.db, round.id, 0)).toEqual({ opened: 0, pending: 2 });
    await database.db.execute(sql`
      update accounts set not_before = now() + interval '1 hour'
      where id = (select account_id from items where round_id = ${round.id} limit 1)`);
    expect(await openItems(database.db, round.id, 0)).toEqual({ opened: 1, pending: 2 });
    // It left the window, and late items get their places when they come.
    expect((await advanceShards(database.db, round.id)).shards).toMatchObject({ generating: 0, labelling: 1 });
    await generated(round, 1);
    expect(await openItems(database.db, round.id, 0)).toEqual({ opened: 1, pending: 1 });
    expect(await placesOf(round)).toBe(2);
  });

  test('opens in the shuffled order, and a second time opens nothing', async () => {
    const round = await openRound(database.db, { items: 5, pendingFrom: 0 });
    for (const i of [4, 2, 0, 1, 3]) await generated(round, i);
    expect(await openItems(database.db, round.id, 0)).toEqual({ opened: 5, pending: 0 });
    expect(await openItems(database.db, round.id, 0)).toEqual({ opened: 0, pending: 0 });
    const queue = await database.db.execute<{ position: number }>(sql`
      select i.position from places p join items i on i.id = p.item_id where p.round_id = ${round.id} order by p.place`);
    expect(queue.map((row) => row.position)).toEqual([0, 1, 2, 3, 4]);
  });
});
