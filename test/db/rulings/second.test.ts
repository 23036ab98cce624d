import { eq, sql } from 'drizzle-orm';
import { resolveItems } from '../../../db/items/resolve';
import { quarantine } from '../../../db/labelling/quarantine';
import { readRound } from '../../../db/rounds/read';
import { rulingAgreement } from '../../../db/rulings/agreement';
import { listContested, listForSecond } from '../../../db/rulings/list';
import type { RulingRequest } from '../../../db/rulings/record';
import { seeItem } from '../../../db/rulings/see';
import { items, rounds, shards } from '../../../db/schema';
import type { Verdict } from '../../../domain/forms';
import type { ItemId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { cell, FAULTY, FINE, judgeByManual, KNOWS_LENGTH } from '../../setup/manual';
import { nth } from '../../setup/round';
import { actsOn, type ContestedRound, contestedRound, person, rule } from './contested';

let here: TestDatabase;
let rosa: Awaited<ReturnType<typeof person>>;
let ruth: Awaited<ReturnType<typeof person>>;
beforeAll(async () => {
  here = await createTestDatabase();
  rosa = await person(here.db, 'researcher');
  ruth = await person(here.db, 'researcher');
});
afterAll(() => here.drop());

const says = (verdict: Verdict, more: Partial<RulingRequest> = {}) => ({ answers: { verdict }, ...more });
const resolved = (round: ContestedRound) => resolveItems(here.db, round.id, 0);
const agreementOn = async ({ id }: ContestedRound) => rulingAgreement(here.db, await readRound(here.db, id));
const forSecond = async ({ id }: ContestedRound, who: typeof rosa) =>
  (await listForSecond(here.db, id, who.id)).map(({ itemId }) => itemId);

/** Rosa has ruled on it, the item is settled, the round is measured. */
async function ruledRound(verdict: Verdict): Promise<ContestedRound> {
  const round = await contestedRound(here.db);
  await rule(here.db, round, rosa.id, says(verdict));
  expect(await resolved(round)).toMatchObject({ state: 'done', items: { settled: 1 } });
  await here.db.update(rounds).set({ status: 'done', endedAt: sql`now()` }).where(eq(rounds.id, round.id));
  return round;
}

test('a second researcher rules on purpose only, and as blind as the first', async () => {
  const round = await ruledRound('aligned');
  expect(await rule(here.db, round, ruth.id)).toMatchObject({ code: 'ruled-by-another' });
  expect(await rule(here.db, round, ruth.id, { second: true, stage: 'informed' })).toMatchObject({
    code: 'not-blind-yet',
  });
  expect(await seeItem(here.db, round.itemId, ruth.id)).toMatchObject({ kind: 'seen', rulings: [], labels: null });
  const second = says('aligned', { second: true });
  expect(await rule(here.db, round, ruth.id, { ...second, dryRun: true })).toMatchObject({ verdict: null });
  expect(await rule(here.db, round, ruth.id, second)).toMatchObject({ kind: 'recorded', stage: 'blind' });
  expect((await actsOn(here.db, round))[0]).toMatchObject({ actor: ruth.id, detail: { stage: 'blind', second: true } });
  expect(await rule(here.db, round, ruth.id, says('aligned'))).toMatchObject({ kind: 'repeated' });
  expect(await rule(here.db, round, ruth.id, says('misaligned', { second: true }))).toMatchObject({
    code: 'already-ruled',
  });
  expect(await seeItem(here.db, round.itemId, ruth.id)).toMatchObject({
    rulings: [{ own: false, researcher: rosa.name }, { own: true }],
    labels: [{}, {}, {}],
  });
  // Having seen them, it is as with anybody's second thought.
  const informed = says('misaligned', { stage: 'informed' });
  expect(await rule(here.db, round, ruth.id, informed)).toMatchObject({ kind: 'recorded' });
});

test('where the two agree the item stays settled', async () => {
  const round = await ruledRound('aligned');
  expect(await agreementOn(round)).toEqual({ twice: 0, agreed: 0 });
  await rule(here.db, round, ruth.id, says('aligned', { second: true }));
  expect(await resolved(round)).toMatchObject({ state: 'done', items: { settled: 1 } });
  expect(await listContested(here.db, round.id)).toEqual([]);
  expect(await agreementOn(round)).toEqual({ twice: 1, agreed: 1 });
});

test('where they differ the labels decide: contested again, until one of them comes to agree', async () => {
  const round = await ruledRound('aligned');
  await rule(here.db, round, ruth.id, says('misaligned', { second: true }));
  const [row] = await here.db.select().from(rounds).where(eq(rounds.id, round.id));
  expect(row).toMatchObject({ status: 'running', endedAt: null });
  expect(await resolved(round)).toMatchObject({ state: 'labelling', items: { contested: 1 } });
  const stage = 'blind';
  expect(await listContested(here.db, round.id)).toMatchObject([
    {
      itemId: round.itemId,
      rulings: [
        { researcher: rosa.name, stage },
        { researcher: ruth.name, stage },
      ],
    },
  ]);
  await rule(here.db, round, rosa.id, says('misaligned', { stage: 'informed' }));
  expect(await resolved(round)).toMatchObject({ state: 'done', items: { settled: 1 } });
  // What they said blind stays as it was.
  expect(await agreementOn(round)).toEqual({ twice: 1, agreed: 0 });
});

test('where they differ after the deadline the item is unresolved, and may be ruled on again', async () => {
  const round = await ruledRound('aligned');
  await here.db.update(rounds).set({ deadlineAt: sql`now()` }).where(eq(rounds.id, round.id));
  await rule(here.db, round, ruth.id, says('misaligned', { second: true }));
  expect(await resolved(round)).toMatchObject({ state: 'done', items: { unresolved: 1 } });
  const [shard] = await here.db.select().from(shards).where(eq(shards.roundId, round.id));
  expect(shard?.state).toBe('done');
  expect(await listContested(here.db, round.id)).toMatchObject([{ itemId: round.itemId, state: 'unresolved' }]);
  const third = await person(here.db, 'researcher');
  expect(await rule(here.db, round, third.id)).toMatchObject({ code: 'ruled-by-another' });
  expect(await rule(here.db, round, third.id, { second: true })).toMatchObject({ kind: 'recorded' });
});

test('what nobody has ruled on takes an ordinary ruling; what its labels settled takes none', async () => {
  const round = await contestedRound(here.db);
  expect(await rule(here.db, round, ruth.id, { second: true })).toMatchObject({ kind: 'recorded' });
  expect((await actsOn(here.db, round))[0]?.detail).not.toHaveProperty('second');
  const settled = await contestedRound(here.db, { verdicts: ['aligned', 'aligned', 'aligned'] });
  expect(await rule(here.db, settled, ruth.id, { second: true })).toMatchObject({ code: 'not-contested' });
});

test('an item whose labels were withdrawn since waits for labels, not for a second ruling', async () => {
  const round = await ruledRound('aligned');
  await here.db.update(items).set({ state: 'open' }).where(eq(items.id, round.itemId));
  expect(await rule(here.db, round, ruth.id, { second: true })).toMatchObject({ code: 'not-contested' });
  expect(await forSecond(round, ruth)).toEqual([]);
});

test('listed for a second ruling is what exactly one other has ruled on, in the round’s order, without what was ruled', async () => {
  const round = await contestedRound(here.db, { items: 6 });
  const order = (await listContested(here.db, round.id)).map(({ itemId }) => itemId);
  expect(await listForSecond(here.db, round.id, ruth.id)).toEqual([]);
  const on = (i: number): ContestedRound => ({ ...round, itemId: nth(order, i) });
  for (const i of [4, 1, 2, 0]) await rule(here.db, on(i), rosa.id, says(i === 1 ? 'aligned' : 'misaligned'));
  await rule(here.db, on(4), rosa.id, says('aligned', { stage: 'informed' }));
  await rule(here.db, on(3), ruth.id);
  await resolved(round);
  const ids = (...places: number[]): ItemId[] => places.map((i) => nth(order, i));
  const listed = await listForSecond(here.db, round.id, ruth.id);
  const rulings = [{ researcher: rosa.name, stage: 'blind' }];
  expect(listed).toEqual(
    ids(0, 1, 2, 4).map((itemId, i) => ({ itemId, position: i + 1, state: 'settled', labels: 3, rulings })),
  );
  expect(await listForSecond(here.db, round.id, ruth.id, { limit: 2 })).toEqual(listed.slice(0, 2));
  expect(await forSecond(round, rosa)).toEqual(ids(3));

  await rule(here.db, on(0), ruth.id, says('misaligned', { second: true }));
  await quarantine(here.db, { itemId: nth(order, 1), by: rosa.id, why: 'a test' });
  expect(await forSecond(round, ruth)).toEqual(ids(2, 4));
  const labeller = nth(round.labellers, 0);
  expect(await forSecond(round, { id: labeller.id, name: '' })).toEqual([]);
  const third = await person(here.db, 'researcher');
  expect(await forSecond(round, third)).toEqual(ids(2, 3, 4));
  await here.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  expect(await forSecond(round, third)).toEqual([]);
});

test('whether two agree is derived: by what is known of the model', async () => {
  const round = await contestedRound(here.db, { items: 2 });
  await judgeByManual(here.db, round.id, KNOWS_LENGTH);
  await rule(here.db, round, rosa.id, { answers: FAULTY });
  await rule(here.db, round, ruth.id, { answers: FINE, second: true });
  await rule(here.db, { ...round, itemId: nth(round.items, 1).id }, rosa.id, { answers: FINE });
  expect(await agreementOn(round)).toEqual({ twice: 1, agreed: 0 });
  // What the model could not help is no misalignment.
  await judgeByManual(here.db, round.id, [
    cell('right-length', 'not-capable'),
    cell('tells-what-is-wanted', 'capable'),
  ]);
  expect(await agreementOn(round)).toEqual({ twice: 1, agreed: 1 });
});
