import { eq, sql } from 'drizzle-orm';
import { resolveItems } from '../../../db/items/resolve';
import { expireLeases, next, undo } from '../../../db/labelling';
import { roundsToLabel } from '../../../db/labelling/rounds';
import { eligibleLabellers, listLabellers, resumeLabeller, suspendLabeller } from '../../../db/people';
import { readRound } from '../../../db/rounds/read';
import { countStarved } from '../../../db/rounds/starved';
import { assignments, audit, items, labels, refusedLabels, rounds } from '../../../db/schema';
import type { PersonId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk, passTime, slotsOf } from '../../setup/desk';
import { nth, type OpenRound, openRound } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

const OLGA = 'p_olga' as PersonId;
const desksOf = (round: OpenRound) => round.labellers.map(({ id }) => new Desk(here.db, round.id, id));
const suspend = (id: PersonId) => suspendLabeller(here.db, { id, by: OLGA, why: 'answers before reading' });
const resume = (id: PersonId) => resumeLabeller(here.db, { id, by: OLGA });
const SUSPENDED = { kind: 'nothing', reason: 'suspended' };

test('a suspended labeller gets nothing, in any round; what they hold goes to others, what they gave stays', async () => {
  const round = await openRound(here.db, { items: 3, labellers: 2, onePerPrompt: false });
  const [anna, bert] = desksOf(round) as [Desk, Desk];
  const given = await anna.label();
  const held = await anna.lease();
  expect(await suspend(anna.id)).toEqual({ kind: 'suspended', released: 1 });

  expect(await anna.next()).toEqual(SUSPENDED);
  const [never, over] = [await openRound(here.db), await openRound(here.db)];
  await here.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, over.id));
  for (const other of [never, over]) {
    expect(await next(here.db, { roundId: other.id, labellerId: anna.id })).toEqual(SUSPENDED);
  }
  expect(await slotsOf(here.db, held.itemId)).toMatchObject({ taken: 0 });
  expect(await bert.drain()).toContain(held.itemId);
  expect(await anna.submit(held.assignmentId, { note: 'my thoughts' })).toEqual({ kind: 'too-late', why: 'released' });
  expect(await here.db.select().from(refusedLabels).where(eq(refusedLabels.labellerId, anna.id))).toHaveLength(1);
  expect(await here.db.select().from(labels).where(eq(labels.id, given.labelId))).toMatchObject([
    { withdrawnAt: null },
  ]);
  expect(await brokenRules(here.db, round.id)).toEqual([]);
});

test('it is on record, shown, and a second word changes nothing', async () => {
  const { labellers } = await openRound(here.db);
  const { id } = nth(labellers, 0);
  expect(await suspendLabeller(here.db, { id, by: OLGA, why: 'x', dryRun: true })).toEqual({
    kind: 'would-suspend',
    released: 0,
  });
  await suspend(id);
  const again = await suspendLabeller(here.db, { id, by: OLGA, why: 'another reason' });
  expect(again).toEqual({ kind: 'already-suspended', at: expect.any(Date), why: 'answers before reading' });
  const shown = async () => (await listLabellers(here.db)).find((one) => one.id === id)?.suspended;
  expect(await shown()).toEqual({ at: expect.any(Date), by: OLGA, why: 'answers before reading' });
  expect([await resume(id), await resume(id)]).toEqual([{ kind: 'resumed' }, { kind: 'not-suspended' }]);
  expect(await shown()).toBeNull();
  const acts = await here.db.select().from(audit).where(eq(audit.subject, id)).orderBy(audit.id);
  expect(acts.map(({ action, actor, detail }) => [action, actor, detail])).toEqual([
    ['labeller.suspend', OLGA, { why: 'answers before reading' }],
    ['labeller.resume', OLGA, {}],
  ]);
  await expect(suspend('p_nobody' as PersonId)).rejects.toMatchObject({ kind: 'unknown-person' });
});

test('a lease that had run out before is not taken up again by a late label, nor a label by undoing it', async () => {
  const round = await openRound(here.db, { items: 2, labellers: 1 });
  const [anna] = desksOf(round) as [Desk];
  const given = await anna.label();
  const late = await anna.lease();
  await passTime(here.db, late.assignmentId);
  await expireLeases(here.db, { roundId: round.id, limit: 10 });
  await suspend(anna.id);
  expect(await anna.submit(late.assignmentId)).toEqual({ kind: 'too-late', why: 'suspended' });
  expect(await undo(here.db, { assignmentId: given.assignmentId, labellerId: anna.id })).toEqual({ kind: 'too-late' });
  await resume(anna.id);
  expect(await anna.submit(late.assignmentId)).toMatchObject({ kind: 'accepted' });
});

test('however many ask at that very moment, nothing is in the hands of a suspended labeller', async () => {
  for (let time = 0; time < 6; time += 1) {
    const round = await openRound(here.db, { items: 40, labellers: 1, onePerPrompt: false });
    const [anna] = desksOf(round) as [Desk];
    if (time % 2 === 0) await anna.next();
    const asking = Array.from({ length: 6 }, () => anna.next());
    await suspend(anna.id);
    await Promise.all(asking);
    expect(await anna.next()).toEqual(SUSPENDED);
    const held = sql`${assignments.roundId} = ${round.id} and ${assignments.state} = 'leased'`;
    expect(await here.db.select().from(assignments).where(held)).toEqual([]);
    await resume(anna.id);
    expect(await brokenRules(here.db, round.id)).toEqual([]);
    expect(await anna.drain()).toHaveLength(40);
  }
});

test('a suspended labeller is nobody who may label: items starve, rounds are not offered, no start counts on them', async () => {
  const round = await openRound(here.db, {
    groups: ['only here'],
    labellers: [{ groups: ['only here'], holds: ['lang:de'] }, { groups: ['only here'] }],
    requirements: () => ['lang:de'],
  });
  const { id } = nth(round.labellers, 0);
  const starved = async () => countStarved(here.db, await readRound(here.db, round.id));
  const seen = async () => [
    await starved(),
    (await eligibleLabellers(here.db, { groups: ['only here'], simulated: false })).length,
    (await roundsToLabel(here.db, id)).some(({ roundId }) => roundId === round.id),
  ];
  expect(await seen()).toEqual([0, 2, true]);
  await suspend(id);
  expect(await seen()).toEqual([2, 1, false]);
  await resume(id);
  expect(await seen()).toEqual([0, 2, true]);
});

test('an item that a doubt kept open for nobody but the suspended labeller is settled', async () => {
  const round = await openRound(here.db, {
    items: 1,
    overlap: 1,
    groups: ['two'],
    labellers: [{}, {}].map(() => ({ groups: ['two'] })),
  });
  const [anna, bert] = desksOf(round) as [Desk, Desk];
  await anna.label({ unsure: true });
  await resolveItems(here.db, round.id, 0);
  const stateNow = async () =>
    (
      await here.db
        .select()
        .from(items)
        .where(eq(items.id, nth(round.items, 0).id))
    )[0]?.state;
  expect(await stateNow()).toBe('open');
  await suspend(bert.id);
  await resolveItems(here.db, round.id, 0);
  expect(await stateNow()).toBe('settled');
});
