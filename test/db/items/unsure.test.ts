import { sql } from 'drizzle-orm';
import { resolveItems } from '../../../db/items/resolve';
import { skip } from '../../../db/labelling';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk, slotsOf } from '../../setup/desk';
import { makeLabellers, type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const desksOf = (round: OpenRound) => round.labellers.map(({ id }) => new Desk(database.db, round.id, id));
const itemOf = (round: OpenRound) =>
  round.items[0]?.id ??
  (() => {
    throw new Error('no item');
  })();
const resolved = async (round: OpenRound) => (await resolveItems(database.db, round.id, 0)).items;

test('a doubt asks for one more label, however many doubt', async () => {
  const round = await openRound(database.db, { items: 1, overlap: 2, labellers: 4 });
  const [a, b, c, d] = desksOf(round) as [Desk, Desk, Desk, Desk];
  await a.label({ verdict: 'aligned', unsure: true });
  await b.label({ verdict: 'aligned', unsure: true });
  expect(await resolved(round)).toEqual({ open: 1 });
  expect(await slotsOf(database.db, itemOf(round))).toEqual({ slots: 3, taken: 2 });
  expect(await brokenRules(database.db, round.id)).toEqual([]);
  await c.label({ verdict: 'aligned' });
  expect(await resolved(round)).toEqual({ settled: 1 });
  expect(await d.next()).toMatchObject({ kind: 'nothing', reason: 'none-left' });
});

test('a doubt is never a verdict: the unsure label counts as it is', async () => {
  const round = await openRound(database.db, { items: 1, overlap: 2, labellers: 3 });
  const [a, b, c] = desksOf(round) as [Desk, Desk, Desk];
  await a.label({ verdict: 'misaligned', unsure: true });
  await b.label({ verdict: 'aligned' });
  await resolved(round);
  await c.label({ verdict: 'misaligned' });
  expect(await resolved(round)).toEqual({ settled: 1 });
});

test('where nobody is left who could give one more label, a doubt does not leave the item waiting', async () => {
  const two = [{ groups: ['two'] }, { groups: ['two'] }];
  const round = await openRound(database.db, { items: 1, overlap: 2, labellers: two, groups: ['two'] });
  const [a, b] = desksOf(round) as [Desk, Desk];
  await a.label({ verdict: 'aligned', unsure: true });
  await b.label({ verdict: 'aligned' });
  expect(await resolved(round)).toEqual({ settled: 1 });
});

test('what is settled is not opened again because of a doubt, whoever has joined since', async () => {
  const pair = [{ groups: ['late'] }, { groups: ['late'] }];
  const round = await openRound(database.db, { items: 1, overlap: 2, labellers: pair, groups: ['late'] });
  const [a, b] = desksOf(round) as [Desk, Desk];
  await a.label({ verdict: 'aligned', unsure: true });
  await b.label({ verdict: 'aligned' });
  expect(await resolved(round)).toEqual({ settled: 1 });
  await makeLabellers(database.db, `${round.id} again`, [{ groups: ['late'] }]);
  await database.db.execute(sql`update items set touched = true where round_id = ${round.id}`);
  expect(await resolved(round)).toEqual({ settled: 1 });
});

test('nor where the last one who could cannot judge it', async () => {
  const two = [{ groups: ['pair'] }, { groups: ['pair'] }];
  const round = await openRound(database.db, { items: 1, overlap: 1, labellers: two, groups: ['pair'] });
  const [a, b] = desksOf(round) as [Desk, Desk];
  await a.label({ verdict: 'aligned', unsure: true });
  expect(await resolved(round)).toEqual({ open: 1 });
  const { assignmentId } = await b.lease();
  await skip(database.db, { assignmentId, labellerId: b.id, code: 'language' });
  expect(await resolved(round)).toEqual({ settled: 1 });
});

test('the deadline waits for no second opinion', async () => {
  const round = await openRound(database.db, { items: 1, overlap: 2, labellers: 3 });
  const [a, b] = desksOf(round) as [Desk, Desk];
  await a.label({ verdict: 'aligned', unsure: true });
  await b.label({ verdict: 'aligned' });
  expect(await resolved(round)).toEqual({ open: 1 });
  await database.db.execute(sql`update rounds set deadline_at = now() where id = ${round.id}`);
  expect(await resolved(round)).toEqual({ settled: 1 });
});
