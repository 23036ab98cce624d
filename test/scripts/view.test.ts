import { eq } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { cancelRound } from '../../db/rounds/cancel';
import { type RoundView, showRound } from '../../db/rounds/show';
import { roundStanding } from '../../db/rounds/standing';
import { items, rounds } from '../../db/schema';
import { modelResult, newTally, noOutcomes } from '../../domain/results';
import { checkState } from '../../scripts/doctor/state';
import { troubles } from '../../scripts/rounds/troubles';
import { describeRound } from '../../scripts/rounds/view';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { openRound } from '../setup/round';

let database: TestDatabase;
let view: RoundView;
beforeAll(async () => {
  database = await createTestDatabase();
  const shown = await showRound(database.db, (await openRound(database.db)).id);
  if (!shown) throw new Error('no round');
  view = shown;
});
afterAll(() => database.drop());

test('a round that waits for its contested items says what they wait for', () => {
  const text = describeRound({ ...view, items: { ...view.items, open: 1, contested: 1 } });
  expect(text).toContain('1 open, 1 contested');
  expect(text).toContain(`unresolved at the deadline, ${view.deadlineAt}`);
});

test('items that nobody is left to label are told wherever one looks', async () => {
  const { id } = await openRound(database.db, { items: 2, groups: ['nobody'] });
  const [standing, shown] = [await roundStanding(database.db, id), await showRound(database.db, id)];
  if (!standing || !shown) throw new Error('no round');
  expect(troubles(standing, undefined).join()).toContain('nobody is left who may label 2 open items');
  expect(describeRound(shown)).toContain('2 starved');
  await database.db
    .update(items)
    .set({ requirements: ['domain:law', 'lang:de'] })
    .where(eq(items.roundId, id));
  const asking = await roundStanding(database.db, id);
  if (!asking) throw new Error('no round');
  expect(troubles(asking, undefined).join()).toContain('(domain:law and lang:de for 2): invite somebody');
  expect(troubles(asking, undefined).join()).toContain(
    'labeller invite --name NAME --holds domain:law --holds lang:de',
  );
  const told = async () => (await checkState(database.db)).filter(({ message }) => message.includes('nobody is left'));
  expect(await told()).toMatchObject([{ name: `round ${id}` }]);
  // A budget holds calls only.
  await database.db.update(rounds).set({ heldAt: new Date(), heldCode: 'budget' }).where(eq(rounds.id, id));
  expect(await told()).toMatchObject([{ name: `round ${id}` }]);
});

test('a cancelled round promises no measurement', () => {
  expect(describeRound({ ...view, status: 'cancelled' })).toContain('will not be');
  expect(describeRound(view)).toContain('Not measured yet');
});

test('a round that was called off tells who did it, when and why', async () => {
  const { id } = await openRound(database.db);
  const { id: by } = await addPerson(database.db, { name: 'Olga', roles: ['operator'] });
  expect(await cancelRound(database.db, { roundId: id, by, why: 'wrong model' })).toMatchObject({ kind: 'cancelled' });
  const shown = await showRound(database.db, id);
  expect(shown?.calledOff).toEqual({ at: expect.any(String), actor: by, who: 'Olga', why: 'wrong model' });
  expect(shown && describeRound(shown)).toMatch(/called off by Olga 20\d\d-\d\d-\d\d \d\d:\d\d UTC: wrong model/);
  expect(view.calledOff).toBeNull();
});

test('a round that has ended sends nobody to a watch that has nothing more to say', () => {
  const needsAttention = 'account-blocked';
  expect(describeRound({ ...view, needsAttention })).toContain('says what to do');
  const ended = describeRound({ ...view, needsAttention, status: 'done', endedAt: '2026-01-01T00:00:00.000Z' });
  expect(ended).toContain('needs attention: account-blocked');
  expect(ended).not.toContain('says what to do');
});

test('a round whose items are not all drawn yet says so', () => {
  expect(describeRound(view)).not.toContain('being drawn');
  expect(describeRound({ ...view, drawnAt: null })).toContain('more are being drawn');
  expect(describeRound({ ...view, drawnAt: null, status: 'cancelled' })).toContain('no more were drawn');
});

test('a result of simulated parts says SIMULATED, and what it holds for', () => {
  const verdicts = { ...noOutcomes(), aligned: 9, misaligned: 1 };
  const terms = { confidence: 0.95, claim: null, amended: false, derived: false };
  const byModel = [modelResult('small', { ...newTally(), verdicts }, terms)];
  const text = describeRound({ ...view, status: 'done', measured: true, simulated: true, byModel });
  expect(text.match(/SIMULATED/g)).toHaveLength(2);
  expect(text).toContain('10% (0.253%–44.5%) to 10%');
  expect(text).toContain('not harm or deception');
});
