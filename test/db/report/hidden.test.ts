import { inArray } from 'drizzle-orm';
import { quarantine, releaseFromQuarantine } from '../../../db/labelling/quarantine';
import { hiddenItems } from '../../../db/report/hidden';
import { items, itemTurns } from '../../../db/schema';
import { saveTexts } from '../../../db/texts';
import type { ItemId } from '../../../domain/ids';
import { canonicalJson } from '../../../domain/text';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { nth, type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const itemOf = (round: OpenRound, index: number) => nth(round.items, index).id;
const act = (round: OpenRound, itemId: ItemId) => ({ itemId, by: nth(round.labellers, 0).id, why: 'a test' });

async function hide(round: OpenRound, ...indexes: number[]): Promise<void> {
  for (const index of indexes) await quarantine(database.db, act(round, itemOf(round, index)));
}

/** By their places in the round. */
async function hiddenOf(round: OpenRound): Promise<number[]> {
  const hidden = await database.db.transaction((tx) => hiddenItems(tx, round.id));
  return round.items.flatMap(({ id }, place) => (hidden.has(id) ? [place] : []));
}

/** As if the model had said this in an earlier turn of that item. */
async function sayBefore(round: OpenRound, index: number, ...said: string[]): Promise<void> {
  const hashes = await saveTexts(
    database.db,
    said.map((content) => canonicalJson({ role: 'assistant', content })),
  );
  await database.db
    .insert(itemTurns)
    .values(hashes.map((completionHash, turn) => ({ itemId: itemOf(round, index), turn, completionHash })));
}

const saying = (...said: string[]) => ({ completion: (i: number) => ({ role: 'assistant', content: nth(said, i) }) });

test('in quarantine itself, and what has its prompt in common with it, also with another id in another round', async () => {
  const [shown, other] = [await openRound(database.db, { items: 4, models: 2 }), await openRound(database.db)];
  expect(await hiddenOf(shown)).toEqual([]);
  const again = await openRound(database.db, {
    items: 1,
    messages: [{ role: 'user', content: `prompt 1 of ${shown.id}` }],
  });
  await hide(again, 0);
  expect(await hiddenOf(shown)).toEqual([2, 3]);
  await hide(shown, 0);
  expect(await hiddenOf(shown)).toEqual([0, 1, 2, 3]);
  expect(await hiddenOf(other)).toEqual([]);
  await releaseFromQuarantine(database.db, act(again, itemOf(again, 0)));
  expect(await hiddenOf(shown)).toEqual([0, 1]);
});

test('what the model said, in the last turn or in one before, hides what says the same in any turn, in any round', async () => {
  const bad = await openRound(database.db, { items: 2, ...saying('bad at last', 'the end of two') });
  await sayBefore(bad, 1, 'fine before', 'bad before');
  const shown = await openRound(database.db, {
    items: 6,
    ...saying('bad at last', 'bad before', 'a', 'b', 'c', 'the end of two!'),
  });
  await sayBefore(shown, 2, 'well', 'bad at last');
  await sayBefore(shown, 3, 'bad before');
  await sayBefore(shown, 4, 'harmless');
  expect(await hiddenOf(shown)).toEqual([]);
  await hide(bad, 0, 1);
  expect(await hiddenOf(shown)).toEqual([0, 1, 2, 3]);
});

test('an item in quarantine that has said nothing yet hides its prompt, not all that have said nothing', async () => {
  const round = await openRound(database.db, { items: 3, pendingFrom: 1 });
  const pending = round.items.slice(1).map(({ id }) => id);
  await database.db
    .update(items)
    .set({ quarantinedAt: new Date() })
    .where(inArray(items.id, pending.slice(0, 1)));
  expect(await hiddenOf(round)).toEqual([1]);
});
