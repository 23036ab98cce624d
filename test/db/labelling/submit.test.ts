import { randomUUID } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import { expireLeases } from '../../../db/labelling';
import { takeNudges } from '../../../db/outbox';
import type { AssignmentId, RoundId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk, passTime, slotsOf } from '../../setup/desk';
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

const labelsOf = (assignmentId: AssignmentId) =>
  here.db.execute(sql`
    select l.answers, l.unsure, l.form, t.body as note, l.withdrawn_at is null as counted
    from labels l left join texts t on t.hash = l.note_hash where l.assignment_id = ${assignmentId}`);
const refusedOf = (assignmentId: AssignmentId) =>
  here.db.execute(sql`
    select r.answers, t.body as note, r.reason from refused_labels r left join texts t on t.hash = r.note_hash
    where r.assignment_id = ${assignmentId}`);
const setRound = (id: RoundId, change: SQL) => here.db.execute(sql`update rounds set ${change} where id = ${id}`);
const expire = (id: RoundId) => expireLeases(here.db, { roundId: id, limit: 100 });

test('a label is kept with its form, marks its item and wakes its shard', async () => {
  const { id, items, desks } = await open({ items: 3, shardSize: 1 });
  const { assignmentId } = await nth(desks, 0).lease();
  await here.db.execute(sql`delete from outbox`);
  const result = await nth(desks, 0).submit(assignmentId, { verdict: 'misaligned', note: 'It is wrong.' });
  expect(result).toEqual({ kind: 'accepted', labelId: expect.any(String), submittedAt: expect.any(Date) });
  expect(await labelsOf(assignmentId)).toEqual([
    { answers: { verdict: 'misaligned' }, unsure: false, form: 'verdict', note: 'It is wrong.', counted: true },
  ]);
  const marked = await here.db.execute(sql`select id from items where touched and round_id = ${id}`);
  expect(marked.map((item) => item.id)).toEqual([nth(items, 0).id]);
  expect(await takeNudges(here.db, 10, 1)).toMatchObject([{ roundId: id, shard: 0 }]);
});

describe('a repeat', () => {
  test('gets the same answer, however often and at once, and leaves one label', async () => {
    const { id, desks } = await open();
    const { assignmentId } = await nth(desks, 0).lease();
    const key = randomUUID();
    const again = () => nth(desks, 0).submit(assignmentId, { key });
    const results = await Promise.all(Array.from({ length: 8 }, again));
    results.push(await again());
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    expect(nth(results, 0).kind).toBe('accepted');
    expect(await labelsOf(assignmentId)).toHaveLength(1);
    await setRound(id, sql`status = 'cancelled'`);
    expect(await again()).toEqual(nth(results, 0));
  });

  test('with another body is a conflict, and so is another key on a submitted assignment', async () => {
    const { desks } = await open();
    const { assignmentId } = await nth(desks, 0).lease();
    await nth(desks, 0).submit(assignmentId, { key: 'a' });
    const otherBody = await nth(desks, 0).submit(assignmentId, { key: 'a', verdict: 'misaligned' });
    expect(otherBody).toEqual({ kind: 'conflict', why: 'key-used' });
    expect(await nth(desks, 0).submit(assignmentId, { key: 'b' })).toEqual({
      kind: 'conflict',
      why: 'already-submitted',
    });
  });

  test('a key is one labeller’s own, and good for one assignment', async () => {
    const { desks } = await open({ items: 2, overlap: 2, labellers: 2 });
    const [first, second] = [await nth(desks, 0).lease(), await nth(desks, 0).lease()];
    const other = await nth(desks, 1).lease();
    expect(await nth(desks, 0).submit(first.assignmentId, { key: 'k' })).toMatchObject({ kind: 'accepted' });
    expect(await nth(desks, 0).submit(second.assignmentId, { key: 'k' })).toEqual({
      kind: 'conflict',
      why: 'key-used',
    });
    expect(await nth(desks, 1).submit(other.assignmentId, { key: 'k' })).toMatchObject({ kind: 'accepted' });
  });

  test('of one key for two rounds at once, one label counts', async () => {
    const one = await open();
    const two = await openRound(here.db, { labellers: 0 });
    const desk = nth(one.desks, 0);
    const elsewhere = new Desk(here.db, two.id, desk.id);
    const [a, b] = [await desk.lease(), await elsewhere.lease()];
    const results = await Promise.all([
      desk.submit(a.assignmentId, { key: 'twice' }),
      elsewhere.submit(b.assignmentId, { key: 'twice' }),
    ]);
    expect(results.map((result) => result.kind).sort()).toEqual(['accepted', 'conflict']);
  });
});

describe('an assignment', () => {
  test('of somebody else is as unknown as one that never was', async () => {
    const { desks } = await open({ labellers: 2 });
    const { assignmentId } = await nth(desks, 0).lease();
    const unknown = { kind: 'unknown-assignment' };
    expect(await nth(desks, 1).submit(assignmentId)).toEqual(unknown);
    expect(await nth(desks, 1).submit(randomUUID() as AssignmentId)).toEqual(unknown);
    expect(await nth(desks, 0).submit(assignmentId)).toMatchObject({ kind: 'accepted' });
  });

  test('past its time but not marked expired still holds its slot', async () => {
    const { desks } = await open();
    const { assignmentId } = await nth(desks, 0).lease();
    await passTime(here.db, assignmentId);
    expect(await nth(desks, 0).submit(assignmentId)).toMatchObject({ kind: 'accepted' });
  });

  test('in hand is labelled while the round is paused, and after its deadline', async () => {
    const { id, desks } = await open({ labellers: 2 });
    const [a, b] = [await nth(desks, 0).lease(), await nth(desks, 1).lease()];
    await setRound(id, sql`paused_at = now()`);
    expect(await nth(desks, 0).submit(a.assignmentId)).toMatchObject({ kind: 'accepted' });
    await setRound(id, sql`deadline_at = now() - interval '1 second'`);
    expect(await nth(desks, 1).submit(b.assignmentId)).toMatchObject({ kind: 'accepted' });
  });
});

describe('a late label', () => {
  test('is accepted into a slot that is still free', async () => {
    const { id, items, desks } = await open({ items: 1 });
    const { assignmentId } = await nth(desks, 0).lease();
    await passTime(here.db, assignmentId);
    expect(await expire(id)).toBe(1);
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 0 });
    expect(await nth(desks, 0).submit(assignmentId)).toMatchObject({ kind: 'accepted' });
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 1 });
    expect(await brokenRules(here.db, id)).toEqual([]);
  });

  test('is refused when the slot is gone, and what was written is kept, once', async () => {
    const { items, desks } = await open({ items: 1, labellers: 2 });
    const { assignmentId } = await nth(desks, 0).lease();
    await passTime(here.db, assignmentId);
    await nth(desks, 1).label();
    const late = { verdict: 'misaligned', key: randomUUID(), note: 'Too slow, but wrong.' } as const;
    const refused = { kind: 'too-late', why: 'expired' };
    expect(await nth(desks, 0).submit(assignmentId, late)).toEqual(refused);
    expect(await nth(desks, 0).submit(assignmentId, late)).toEqual(refused);
    expect(await refusedOf(assignmentId)).toEqual([
      { answers: { verdict: 'misaligned' }, note: 'Too slow, but wrong.', reason: 'expired' },
    ]);
    expect(await nth(desks, 0).submit(assignmentId, { ...late, requestHash: 'other' })).toEqual({
      kind: 'conflict',
      why: 'key-used',
    });
    expect(await labelsOf(assignmentId)).toEqual([]);
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 1 });
  });

  test('conflicts with a newer lease of one’s own on the same item', async () => {
    const { id, desks } = await open({ items: 1, overlap: 2 });
    const old = await nth(desks, 0).lease();
    await passTime(here.db, old.assignmentId);
    await expire(id);
    const newer = await nth(desks, 0).lease();
    expect(newer.itemId).toBe(old.itemId);
    const conflict = { kind: 'conflict', why: 'newer-assignment' };
    expect(await nth(desks, 0).submit(old.assignmentId)).toEqual(conflict);
    expect(await nth(desks, 0).submit(newer.assignmentId)).toMatchObject({ kind: 'accepted' });
    expect(await nth(desks, 0).submit(old.assignmentId)).toEqual(conflict);
    expect(await brokenRules(here.db, id)).toEqual([]);
  });

  test.each<[string, SQL]>([
    ['round-cancelled', sql`status = 'cancelled'`],
    ['round-failed', sql`status = 'failed'`],
  ])('is refused and kept: %s', async (why, change) => {
    const { id, desks } = await open();
    const { assignmentId } = await nth(desks, 0).lease();
    await setRound(id, change);
    expect(await nth(desks, 0).submit(assignmentId)).toEqual({ kind: 'too-late', why });
    expect(await refusedOf(assignmentId)).toMatchObject([{ reason: why }]);
  });

  test('is refused after the deadline, and where its item is not open any more', async () => {
    const { id, desks } = await open({ items: 1 });
    const { assignmentId } = await nth(desks, 0).lease();
    await passTime(here.db, assignmentId);
    await expire(id);
    await here.db.execute(sql`update items set state = 'settled' where round_id = ${id}`);
    expect(await nth(desks, 0).submit(assignmentId)).toEqual({ kind: 'too-late', why: 'expired' });
    await setRound(id, sql`deadline_at = now() - interval '1 second'`);
    expect(await nth(desks, 0).submit(assignmentId)).toEqual({ kind: 'too-late', why: 'deadline-passed' });
    expect(await refusedOf(assignmentId)).toHaveLength(2);
  });

  test.each(['released', 'skipped'] as const)('is refused and kept: %s', async (state) => {
    const { desks } = await open();
    const { assignmentId } = await nth(desks, 0).lease();
    const code = state === 'skipped' ? 'language' : null;
    await here.db.execute(sql`update assignments set state = ${state}, skip_code = ${code} where id = ${assignmentId}`);
    expect(await nth(desks, 0).submit(assignmentId)).toEqual({ kind: 'too-late', why: state });
    expect(await refusedOf(assignmentId)).toMatchObject([{ reason: state }]);
  });
});

describe('what was written', () => {
  test('is stored well-formed: a NUL and half a surrogate pair are seen, not lost', async () => {
    const { desks } = await open();
    const { assignmentId } = await nth(desks, 0).lease();
    await nth(desks, 0).submit(assignmentId, { note: 'a\u0000b\ud800c' });
    expect(await labelsOf(assignmentId)).toMatchObject([{ note: 'a␀b\ufffdc' }]);
  });

  test('an empty note is none, and one that is too long is refused', async () => {
    const { desks } = await open();
    const [a, b] = [await nth(desks, 0).lease(), await nth(desks, 0).lease()];
    await nth(desks, 0).submit(a.assignmentId, { note: '' });
    expect(await labelsOf(a.assignmentId)).toMatchObject([{ note: null }]);
    await expect(nth(desks, 0).submit(b.assignmentId, { note: 'x'.repeat(10_001) })).rejects.toThrow(RangeError);
    expect(await nth(desks, 0).submit(b.assignmentId, { note: 'x'.repeat(10_000) })).toMatchObject({
      kind: 'accepted',
    });
  });
});
