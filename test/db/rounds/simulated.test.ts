/** Where simulated people may work: where nothing real is judged by them. */
import { eq, sql } from 'drizzle-orm';
import { roundsToLabel } from '../../../db/labelling/rounds';
import { readRound } from '../../../db/rounds/read';
import { isSimulated } from '../../../db/rounds/simulated';
import { countStarved } from '../../../db/rounds/starved';
import { roundsToRule } from '../../../db/rulings/rounds';
import { accounts, items, labellers } from '../../../db/schema';
import type { AccountId, RoundId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { nth, openRound } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

/** The round's second model gets an account of its own. */
async function secondAccount(roundId: RoundId, simulated: boolean): Promise<void> {
  const id = `other-${roundId}` as AccountId;
  await here.db
    .insert(accounts)
    .values({ id, baseUrl: `http://127.0.0.1:2/${id}`, keyVariable: 'K', concurrency: 1, simulated });
  await here.db.execute(sql`
    update rounds set spec = jsonb_set(spec, '{models,1,accountId}', to_jsonb(${id}::text)) where id = ${roundId}`);
}

test('one simulated model marks the round, but only where all are may simulated people label and rule', async () => {
  const { id, labellers: people } = await openRound(here.db, { models: 2 });
  await secondAccount(id, true);
  await here.db.update(items).set({ state: 'contested' }).where(eq(items.roundId, id));
  const said = async () => {
    const toLabel = await roundsToLabel(here.db, nth(people, 0).id);
    const toRule = await roundsToRule(here.db);
    const of = (rounds: readonly { roundId: RoundId; simulated: boolean }[]) =>
      rounds.find(({ roundId }) => roundId === id)?.simulated;
    return [await isSimulated(here.db, id), of(toLabel), of(toRule)];
  };
  expect(await said()).toEqual([true, false, false]);
  await here.db.update(accounts).set({ simulated: true });
  expect(await said()).toEqual([true, true, true]);
});

test('simulated labellers are nobody who could label the items of a real model', async () => {
  const { id } = await openRound(here.db, { items: 2, labellers: 1 });
  expect(await countStarved(here.db, await readRound(here.db, id))).toBe(0);
  await here.db.update(labellers).set({ kind: 'simulated' });
  expect(await countStarved(here.db, await readRound(here.db, id))).toBe(2);
  await here.db.update(accounts).set({ simulated: true });
  expect(await countStarved(here.db, await readRound(here.db, id))).toBe(0);
});
