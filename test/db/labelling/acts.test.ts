import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { failureCode } from '../../../db/failures';
import {
  expireLeases,
  extend,
  giveBack,
  ownLeases,
  releaseLeases,
  skip,
  undo,
  withdrawLabel,
} from '../../../db/labelling';
import type { AssignmentId, LabelId, PersonId, RoundId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk, passTime, slotsOf } from '../../setup/desk';
import { until } from '../../setup/processes';
import { nth, openRound, type RoundOptions } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

async function open(options: RoundOptions = {}) {
  const round = await openRound(here.db, options);
  return { ...round, desks: round.labellers.map(({ id }) => new Desk(here.db, round.id, id)) };
}

const own = (desk: Desk, { assignmentId }: { assignmentId: AssignmentId }) => ({ assignmentId, labellerId: desk.id });
const stateOf = async (assignmentId: AssignmentId) => {
  const [row] = await here.db.execute<{ state: string }>(sql`select state from assignments where id = ${assignmentId}`);
  return row?.state;
};
const placesOf = async (itemId: string) => {
  const [row] = await here.db.execute<{ n: number }>(
    sql`select count(*)::int as n from places where item_id = ${itemId}`,
  );
  return row?.n;
};
/** Rounds, shards and items as if all had been measured. */
const finish = async (id: RoundId) => {
  await here.db.execute(sql`update items set state = 'settled', touched = false where round_id = ${id}`);
  await here.db.execute(sql`update shards set state = 'done', done_at = now() where round_id = ${id}`);
  await here.db.execute(sql`update rounds set status = 'done', ended_at = now() where id = ${id}`);
  await here.db.execute(sql`delete from outbox where round_id = ${id}`);
};
const roundState = async (id: RoundId) => {
  const [row] = await here.db.execute(sql`
    select r.status, s.state as shard, (select bool_or(touched) from items where round_id = r.id) as touched,
      (select jsonb_agg(shard order by shard nulls last) from outbox where round_id = r.id) as nudged
    from rounds r join shards s on s.round_id = r.id where r.id = ${id}`);
  return row;
};
const unknown = { assignmentId: randomUUID() as AssignmentId };

describe('undo', () => {
  test('withdraws the label and puts the item back in hand, to be labelled anew', async () => {
    const { id, items, desks } = await open({ items: 1 });
    const desk = nth(desks, 0);
    const first = await desk.label('misaligned');
    expect(await undo(here.db, own(desk, first))).toEqual({ kind: 'leased', expiresAt: first.expiresAt });
    expect(await undo(here.db, own(desk, first))).toEqual({ kind: 'leased', expiresAt: first.expiresAt });
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 1 });
    expect(await brokenRules(here.db, id)).toEqual([]);
    expect(await desk.submit(first.assignmentId, { verdict: 'aligned' })).toMatchObject({ kind: 'accepted' });
    const labels = await here.db.execute(sql`
      select answers->>'verdict' as verdict, withdrawn_by, withdrawn_why from labels where round_id = ${id} order by submitted_at`);
    expect([...labels]).toEqual([
      { verdict: 'misaligned', withdrawn_by: desk.id, withdrawn_why: 'undo' },
      { verdict: 'aligned', withdrawn_by: null, withdrawn_why: null },
    ]);
  });

  test('reopens a shard and a round that the label had finished', async () => {
    const { id, desks } = await open({ items: 1 });
    const label = await nth(desks, 0).label();
    await finish(id);
    await undo(here.db, own(nth(desks, 0), label));
    expect(await roundState(id)).toEqual({ status: 'running', shard: 'labelling', touched: true, nudged: [0, null] });
  });

  test('is for one’s own labels, while the lease’s time lasts', async () => {
    const { desks } = await open({ labellers: 2 });
    const label = await nth(desks, 0).label();
    expect(await undo(here.db, own(nth(desks, 1), label))).toEqual({ kind: 'unknown-assignment' });
    expect(await undo(here.db, own(nth(desks, 0), unknown))).toEqual({ kind: 'unknown-assignment' });
    await passTime(here.db, label.assignmentId);
    expect(await undo(here.db, own(nth(desks, 0), label))).toEqual({ kind: 'too-late' });
    expect(await stateOf(label.assignmentId)).toBe('submitted');
  });

  test('leaves what a called-off round has', async () => {
    const { id, desks } = await open();
    const label = await nth(desks, 0).label();
    await here.db.execute(sql`update rounds set status = 'cancelled' where id = ${id}`);
    expect(await undo(here.db, own(nth(desks, 0), label))).toEqual({ kind: 'too-late' });
  });
});

describe('extend', () => {
  test('gives one lease time from now, up to eight lease times in all', async () => {
    const { desks } = await open({ leaseMs: 60_000 });
    const desk = nth(desks, 0);
    const lease = await desk.lease();
    const age = (minutes: number) =>
      here.db.execute(sql`
        update assignments set leased_at = now() - ${minutes} * interval '1 minute', expires_at = now() + interval '10 seconds'
        where id = ${lease.assignmentId}`);
    const minutesLeft = async () => {
      const got = await extend(here.db, own(desk, lease));
      if (got.kind !== 'extended') return got.kind;
      const [row] = await here.db.execute<{ now: number }>(
        sql`select (extract(epoch from now()) * 1000)::float8 as now`,
      );
      const left = (moment: Date) => Math.round((moment.getTime() - (row?.now ?? 0)) / 6_000) / 10;
      return [left(got.expiresAt), left(got.extendableUntil)];
    };
    await age(1);
    expect(await minutesLeft()).toEqual([1, 7]);
    await age(7.5);
    expect(await minutesLeft()).toEqual([0.5, 0.5]);
    await age(9);
    expect(await minutesLeft()).toEqual([0.2, 0.2]);
  });

  test('is for one’s own lease in hand', async () => {
    const { desks } = await open({ labellers: 2 });
    const lease = await nth(desks, 0).lease();
    expect(await extend(here.db, own(nth(desks, 1), lease))).toEqual({ kind: 'unknown-assignment' });
    await passTime(here.db, lease.assignmentId);
    expect(await extend(here.db, own(nth(desks, 0), lease))).toEqual({ kind: 'too-late' });
    const label = await nth(desks, 0).label();
    expect(await extend(here.db, own(nth(desks, 0), label))).toEqual({ kind: 'too-late' });
  });
});

describe('skip', () => {
  test('returns the slot with a new place, leaves no label, and is final for this labeller', async () => {
    const { id, items, desks } = await open({ items: 1, labellers: 2 });
    const desk = nth(desks, 0);
    const lease = await desk.lease();
    const skipped = () => skip(here.db, { ...own(desk, lease), code: 'language' });
    expect(await skipped()).toEqual({ kind: 'skipped' });
    expect(await skipped()).toEqual({ kind: 'skipped' });
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 0 });
    expect(await placesOf(nth(items, 0).id)).toBe(2);
    expect(await desk.next()).toEqual({ kind: 'nothing', reason: 'seen-all' });
    expect((await nth(desks, 1).lease()).itemId).toBe(lease.itemId);
    expect(await brokenRules(here.db, id)).toEqual([]);
  });

  test('is refused for another code, a label, an ended lease and a stranger', async () => {
    const { desks } = await open({ items: 3, labellers: 2 });
    const [desk, stranger] = [nth(desks, 0), nth(desks, 1)];
    const lease = await desk.lease();
    await skip(here.db, { ...own(desk, lease), code: 'broken' });
    const again = (which: { assignmentId: AssignmentId }) => skip(here.db, { ...own(desk, which), code: 'upsetting' });
    expect(await again(lease)).toEqual({ kind: 'conflict', why: 'other-code' });
    expect(await again(await desk.label())).toEqual({ kind: 'conflict', why: 'already-submitted' });
    const late = await desk.lease();
    await passTime(here.db, late.assignmentId);
    await expireLeases(here.db, { limit: 10 });
    expect(await again(late)).toEqual({ kind: 'too-late' });
    expect(await skip(here.db, { ...own(stranger, lease), code: 'broken' })).toEqual({ kind: 'unknown-assignment' });
  });

  test('an item that is not open gets no new place', async () => {
    const { id, items, desks } = await open({ items: 1 });
    const lease = await nth(desks, 0).lease();
    await here.db.execute(sql`update items set state = 'unresolved' where round_id = ${id}`);
    await skip(here.db, { ...own(nth(desks, 0), lease), code: 'broken' });
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 0 });
    expect(await placesOf(nth(items, 0).id)).toBe(1);
  });
});

describe('giving back', () => {
  test('returns the slot with a new place, and leaves the item to others and to the same labeller', async () => {
    const { id, items, desks } = await open({ items: 1, labellers: 2 });
    const [desk, other] = [nth(desks, 0), nth(desks, 1)];
    const lease = await desk.lease();
    await here.db.execute(sql`update items set touched = false where round_id = ${id}`);
    expect(await giveBack(here.db, own(desk, lease))).toEqual({ kind: 'released' });
    expect(await roundState(id)).toMatchObject({ touched: true });
    expect(await giveBack(here.db, own(desk, lease))).toEqual({ kind: 'released' });
    expect(await stateOf(lease.assignmentId)).toBe('released');
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 0 });
    expect(await placesOf(nth(items, 0).id)).toBe(2);
    const again = await other.lease();
    expect(again.itemId).toBe(lease.itemId);
    await giveBack(here.db, own(other, again));
    expect((await desk.label()).itemId).toBe(lease.itemId);
    expect(await brokenRules(here.db, id)).toEqual([]);
  });

  test('is refused for a label, a skip, an ended lease and a stranger', async () => {
    const { desks } = await open({ items: 3, labellers: 2 });
    const [desk, stranger] = [nth(desks, 0), nth(desks, 1)];
    const lease = await desk.lease();
    expect(await giveBack(here.db, own(stranger, lease))).toEqual({ kind: 'unknown-assignment' });
    expect(await giveBack(here.db, own(desk, unknown))).toEqual({ kind: 'unknown-assignment' });
    expect(await stateOf(lease.assignmentId)).toBe('leased');
    await desk.submit(lease.assignmentId);
    expect(await giveBack(here.db, own(desk, lease))).toEqual({ kind: 'conflict', why: 'already-submitted' });
    const skipped = await desk.lease();
    await skip(here.db, { ...own(desk, skipped), code: 'broken' });
    expect(await giveBack(here.db, own(desk, skipped))).toEqual({ kind: 'too-late' });
    const late = await desk.lease();
    await passTime(here.db, late.assignmentId);
    await expireLeases(here.db, { limit: 10 });
    expect(await giveBack(here.db, own(desk, late))).toEqual({ kind: 'too-late' });
  });

  test('an item that is not open gets no new place', async () => {
    const { id, items, desks } = await open({ items: 1 });
    const lease = await nth(desks, 0).lease();
    await here.db.execute(sql`update items set state = 'unresolved' where round_id = ${id}`);
    await giveBack(here.db, own(nth(desks, 0), lease));
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 0 });
    expect(await placesOf(nth(items, 0).id)).toBe(1);
  });
});

describe('withdrawing a label', () => {
  const by = 'p_operator' as PersonId;

  test('frees its slot with a new place, and the same labeller may label again', async () => {
    const { id, items, desks } = await open({ items: 1 });
    const desk = nth(desks, 0);
    const { labelId, assignmentId, itemId } = await desk.label('misaligned');
    const withdraw = () => withdrawLabel(here.db, { labelId, by, why: 'wrong\u0000item' });
    expect(await withdraw()).toEqual({ kind: 'withdrawn', labelId, roundId: id });
    const before = { kind: 'already-withdrawn', labelId, roundId: id, at: expect.any(Date), by, why: 'wrong␀item' };
    expect(await withdraw()).toEqual(before);
    expect(await stateOf(assignmentId)).toBe('released');
    expect(await placesOf(itemId)).toBe(2);
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 0 });
    expect((await desk.label('aligned')).itemId).toBe(itemId);
    expect(await brokenRules(here.db, id)).toEqual([]);
    const acts = await here.db.execute(sql`select actor, action, subject from audit where round_id = ${id}`);
    expect([...acts]).toEqual([{ actor: by, action: 'label.withdraw', subject: labelId }]);
  });

  test('reopens a done shard and round; a settled item gets its place when it is opened again', async () => {
    const { id, items, desks } = await open({ items: 1 });
    const { labelId } = await nth(desks, 0).label();
    await finish(id);
    await withdrawLabel(here.db, { labelId, by, why: 'x' });
    expect(await roundState(id)).toEqual({ status: 'running', shard: 'labelling', touched: true, nudged: [0, null] });
    expect(await placesOf(nth(items, 0).id)).toBe(1);
  });

  test('as a dry run changes nothing', async () => {
    const { id, desks } = await open({ items: 1 });
    const { labelId, assignmentId } = await nth(desks, 0).label();
    const dry = await withdrawLabel(here.db, { labelId, by, why: 'x', dryRun: true });
    expect(dry).toEqual({ kind: 'would-withdraw', labelId, roundId: id });
    expect(await stateOf(assignmentId)).toBe('submitted');
  });

  test('of a label that is not there says so', async () => {
    const labelId = randomUUID() as LabelId;
    expect(await withdrawLabel(here.db, { labelId, by, why: 'x' })).toEqual({ kind: 'unknown-label' });
  });

  test('of one that was undone before says who did it', async () => {
    const { desks } = await open();
    const label = await nth(desks, 0).label();
    await undo(here.db, own(nth(desks, 0), label));
    const result = await withdrawLabel(here.db, { labelId: label.labelId, by, why: 'x' });
    expect(result).toMatchObject({ kind: 'already-withdrawn', by: nth(desks, 0).id, why: 'undo' });
    expect(await stateOf(label.assignmentId)).toBe('leased');
  });
});

describe('expiring', () => {
  test('takes leases whose time has passed, of one round or of all, so many at once', async () => {
    await expireLeases(here.db, { limit: 1_000 });
    const [one, two] = [await open({ items: 3, labellers: 3 }), await open({ items: 1 })];
    for (const desk of [...one.desks, ...two.desks]) await passTime(here.db, (await desk.lease()).assignmentId);
    expect(await expireLeases(here.db, { roundId: one.id, limit: 2 })).toBe(2);
    expect(await expireLeases(here.db, { limit: 100 })).toBe(2);
    expect(await expireLeases(here.db, { limit: 100 })).toBe(0);
    for (const { id } of [one, two]) expect(await brokenRules(here.db, id)).toEqual([]);
  });

  test('leaves items that somebody holds for the next time', async () => {
    const { id, items, desks } = await open({ items: 2, labellers: 2 });
    const leases = [await nth(desks, 0).lease(), await nth(desks, 1).lease()];
    for (const { assignmentId } of leases) await passTime(here.db, assignmentId);
    await here.db.transaction(async (tx) => {
      await tx.execute(sql`select 1 from items where id = ${nth(items, 0).id} for update`);
      expect(await expireLeases(here.db, { roundId: id, limit: 10 })).toBe(1);
    });
    expect(await expireLeases(here.db, { roundId: id, limit: 10 })).toBe(1);
  });

  test('gives an open item one place for all its slots', async () => {
    const { id, items, desks } = await open({ items: 1, overlap: 3, labellers: 3 });
    for (const desk of desks) await passTime(here.db, (await desk.lease()).assignmentId);
    await expireLeases(here.db, { roundId: id, limit: 10 });
    expect(await placesOf(nth(items, 0).id)).toBe(2);
    for (const desk of desks) expect((await desk.lease()).itemId).toBe(nth(items, 0).id);
  });
});

test('calling a round off releases its leases and leaves its labels', async () => {
  const { id, items, desks } = await open({ items: 2, overlap: 3, labellers: 3 });
  const labelled = await nth(desks, 0).label();
  const leases = [await nth(desks, 1).lease(), await nth(desks, 1).lease(), await nth(desks, 2).lease()];
  expect(await here.db.transaction((tx) => releaseLeases(tx, id))).toBe(3);
  expect(await here.db.transaction((tx) => releaseLeases(tx, id))).toBe(0);
  for (const { assignmentId } of leases) expect(await stateOf(assignmentId)).toBe('released');
  expect(await stateOf(labelled.assignmentId)).toBe('submitted');
  expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 3, taken: 1 });
  expect(await slotsOf(here.db, nth(items, 1).id)).toEqual({ slots: 3, taken: 0 });
});

test('one’s own leases are listed with what they show, oldest first', async () => {
  const { id, desks } = await open({ items: 4 });
  const desk = nth(desks, 0);
  const leases = [await desk.lease(), await desk.lease()];
  const listed = await ownLeases(here.db, { roundId: id, labellerId: desk.id });
  expect(listed.map((each) => each.lease)).toEqual(leases);
  expect(listed.map((each) => each.served.completion)).toEqual([`answer 0 of ${id}`, `answer 1 of ${id}`]);
  await desk.submit(nth(leases, 0).assignmentId);
  await passTime(here.db, nth(leases, 1).assignmentId);
  expect(await ownLeases(here.db, { roundId: id, labellerId: desk.id })).toEqual([]);
});

test('an act locks labeller, item and assignment in this order', async () => {
  const { items, desks } = await open({ items: 1 });
  const desk = nth(desks, 0);
  const { assignmentId } = await desk.lease();
  const isLocked = (table: string, key: string, value: string) =>
    here.db.execute(sql`select 1 from ${sql.raw(table)} where ${sql.raw(key)} = ${value} for update nowait`).then(
      () => false,
      (error: unknown) => failureCode(error) === '55P03',
    );
  let acting: Promise<unknown> = Promise.resolve();
  await here.db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from items where id = ${nth(items, 0).id} for update`);
    acting = desk.submit(assignmentId);
    await until('the labeller is locked', () => isLocked('members', 'labeller_id', desk.id));
    expect(await isLocked('assignments', 'id', assignmentId)).toBe(false);
  });
  expect(await acting).toMatchObject({ kind: 'accepted' });
});
