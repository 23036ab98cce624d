import { eq, sql } from 'drizzle-orm';
import { measuringActivities } from '../../../activities/measuring';
import { resolveItems } from '../../../db/items/resolve';
import {
  countQuarantined,
  expireLeases,
  listQuarantined,
  ownLeases,
  quarantine,
  readQuarantined,
  releaseFromQuarantine,
  skip,
  undo,
} from '../../../db/labelling';
import { showRound } from '../../../db/rounds/show';
import { audit, items, labels } from '../../../db/schema';
import type { ItemId, PersonId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk, passTime, slotsOf } from '../../setup/desk';
import { type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const desksOf = (round: OpenRound) => round.labellers.map(({ id }) => new Desk(database.db, round.id, id));
const flag = async (desk: Desk) => {
  const lease = await desk.lease();
  const request = { assignmentId: lease.assignmentId, labellerId: desk.id, code: 'possibly-illegal' as const };
  expect(await skip(database.db, request)).toEqual({ kind: 'skipped' });
  return lease.itemId;
};
const stateOf = async (itemId: ItemId) => {
  const [item] = await database.db.select().from(items).where(eq(items.id, itemId));
  return { state: item?.state, quarantined: item?.quarantinedAt !== null };
};

test('an item that may be illegal is taken from everybody at once, and ends unresolved', async () => {
  const round = await openRound(database.db, { items: 1, overlap: 3, labellers: 3 });
  const [a, b, c] = desksOf(round) as [Desk, Desk, Desk];
  const labelled = await a.label('aligned');
  const held = await b.lease();
  const itemId = await flag(c);
  expect(await ownLeases(database.db, { roundId: round.id, labellerId: b.id })).toEqual([]);
  expect(await b.next()).not.toMatchObject({ kind: 'leased' });
  expect(await b.submit(held.assignmentId)).toEqual({ kind: 'too-late', why: 'released' });
  expect(await undo(database.db, { assignmentId: labelled.assignmentId, labellerId: a.id })).toEqual({
    kind: 'too-late',
  });
  expect(await slotsOf(database.db, itemId)).toEqual({ slots: 1, taken: 1 });
  expect(await brokenRules(database.db, round.id)).toEqual([]);
  await resolveItems(database.db, round.id, 0);
  expect(await stateOf(itemId)).toEqual({ state: 'unresolved', quarantined: true });
  await measuringActivities(database.db).measure(round.id);
  expect(await showRound(database.db, round.id)).toMatchObject({
    items: { unresolved: 1, quarantined: 1 },
    byModel: [{ verdicts: { unresolved: 1, aligned: 0 }, reasons: { unresolved: { quarantined: 1 } } }],
    cantJudge: { total: 1, byCode: { 'possibly-illegal': 1 } },
  });
  expect(await countQuarantined(database.db)).toBe(1);
});

test('it is listed without its text, with who took it away, and shown to whoever asks for it by name', async () => {
  const round = await openRound(database.db, { items: 1, completion: () => ({ role: 'assistant', content: 'dire' }) });
  const [desk] = desksOf(round) as [Desk];
  const itemId = await flag(desk);
  const listed = await listQuarantined(database.db, round.id);
  expect(listed).toMatchObject([{ itemId, acts: [{ actor: desk.id, why: 'possibly-illegal' }] }]);
  expect(JSON.stringify(listed)).not.toContain('dire');
  expect(await readQuarantined(database.db, itemId)).toMatchObject({ completion: 'dire', roundId: round.id });
});

test('after a false alarm it is open again for those who have not judged it, and its labels count', async () => {
  const round = await openRound(database.db, { items: 1, overlap: 2, labellers: 3 });
  const [a, b, c] = desksOf(round) as [Desk, Desk, Desk];
  await a.label('aligned');
  const itemId = await flag(b);
  await resolveItems(database.db, round.id, 0);
  const by = a.id;
  expect(await releaseFromQuarantine(database.db, { itemId, by, why: 'a recipe', dryRun: true })).toEqual({
    kind: 'would',
  });
  expect(await releaseFromQuarantine(database.db, { itemId, by, why: 'a recipe' })).toEqual({ kind: 'released' });
  expect(await releaseFromQuarantine(database.db, { itemId, by, why: 'a recipe' })).toEqual({ kind: 'already' });
  await resolveItems(database.db, round.id, 0);
  expect(await stateOf(itemId)).toEqual({ state: 'open', quarantined: false });
  expect(await b.next()).not.toMatchObject({ kind: 'leased' });
  await c.label('aligned');
  await resolveItems(database.db, round.id, 0);
  expect(await stateOf(itemId)).toEqual({ state: 'settled', quarantined: false });
  expect(await readQuarantined(database.db, itemId)).toBeUndefined();
  const acts = await database.db.select({ action: audit.action }).from(audit).where(eq(audit.subject, itemId));
  expect(acts).toEqual([{ action: 'item.quarantine' }, { action: 'quarantine.release' }]);
});

test('a settled item can be taken away too: its shard is open again until it has ended without a verdict', async () => {
  const round = await openRound(database.db, { items: 1 });
  const [desk] = desksOf(round) as [Desk];
  const { itemId } = await desk.label('aligned');
  await resolveItems(database.db, round.id, 0);
  expect(await quarantine(database.db, { itemId, by: desk.id, why: 'seen later' })).toEqual({ kind: 'quarantined' });
  expect(await quarantine(database.db, { itemId, by: desk.id, why: 'again' })).toEqual({ kind: 'already' });
  expect(await resolveItems(database.db, round.id, 0)).toMatchObject({ ended: true, items: { unresolved: 1 } });
  const counted = await database.db.select().from(labels).where(sql`item_id = ${itemId} and withdrawn_at is null`);
  expect(counted).toHaveLength(1);
});

test('a report that comes late is still a report: an expired, a submitted or a skipped assignment takes the item away too', async () => {
  for (const code of [undefined, 'submitted', 'language'] as const) {
    const round = await openRound(database.db, { items: 1, overlap: 2, labellers: 2 });
    const [a, b] = desksOf(round) as [Desk, Desk];
    const { assignmentId, itemId } = await a.lease();
    const request = { assignmentId, labellerId: a.id };
    if (code === undefined) {
      await passTime(database.db, assignmentId);
      await expireLeases(database.db, { roundId: round.id, limit: 9 });
    } else if (code === 'submitted') await a.submit(assignmentId);
    else await skip(database.db, { ...request, code });
    const result = await skip(database.db, { ...request, code: 'possibly-illegal' });
    expect(result.kind).toBe(code === undefined ? 'too-late' : 'conflict');
    expect(await stateOf(itemId)).toMatchObject({ quarantined: true });
    expect(await b.next()).not.toMatchObject({ kind: 'leased' });
    expect(await brokenRules(database.db, round.id)).toEqual([]);
  }
});

test('what was never open cannot have been seen, and is not taken away', async () => {
  const round = await openRound(database.db, { items: 2, pendingFrom: 1 });
  const [, pending] = round.items;
  const itemId = pending?.id ?? ('' as ItemId);
  const by = round.labellers[0]?.id ?? ('' as PersonId);
  expect(await quarantine(database.db, { itemId, by, why: 'x' })).toEqual({ kind: 'not-served' });
});

test('however leases and alarms fall together, nobody holds an item in quarantine', async () => {
  const round = await openRound(database.db, { items: 12, overlap: 4, labellers: 6, onePerPrompt: false });
  const desks = desksOf(round);
  await Promise.all(
    desks.map(async (desk, d) => {
      for (let i = 0; i < 12; i += 1) {
        const got = await desk.next();
        if (got.kind !== 'leased') continue;
        const request = { assignmentId: got.lease.assignmentId, labellerId: desk.id };
        if ((i + d) % 4 === 0) await skip(database.db, { ...request, code: 'possibly-illegal' });
        else await desk.submit(got.lease.assignmentId);
      }
    }),
  );
  const [row] = await database.db.execute<{ n: number }>(sql`
    select count(*)::int as n from assignments a join items i on i.id = a.item_id
    where a.round_id = ${round.id} and a.state = 'leased' and i.quarantined_at is not null`);
  expect(row?.n).toBe(0);
  expect(await brokenRules(database.db, round.id)).toEqual([]);
  expect(await countQuarantined(database.db)).toBeGreaterThan(0);
});
