import { skip } from '../../../db/labelling';
import { ITEM_SKIPS, LABELLER_SKIPS } from '../../../db/rounds/cantJudge';
import { showRound } from '../../../db/rounds/show';
import type { SkipCode } from '../../../domain/states';
import { describeRound } from '../../../scripts/rounds/view';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk } from '../../setup/desk';
import { nth, type OpenRound, openRound } from '../../setup/round';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const deskOf = (round: OpenRound, i: number) => new Desk(database.db, round.id, nth(round.labellers, i).id);
async function cannotJudge(desk: Desk, code: SkipCode): Promise<void> {
  const { assignmentId } = await desk.lease();
  await skip(database.db, { assignmentId, labellerId: desk.id, code });
}
async function shown(round: OpenRound) {
  const view = await showRound(database.db, round.id);
  if (!view) throw new Error('no round');
  return { ...view.cantJudge, text: describeRound(view) };
}

test('an item that many could not judge is shown, and not one fewer', async () => {
  const round = await openRound(database.db, { items: 1, overlap: 9, labellers: ITEM_SKIPS });
  for (let i = 0; i < ITEM_SKIPS - 1; i += 1) await cannotJudge(deskOf(round, i), 'language');
  expect(await shown(round)).toMatchObject({ total: ITEM_SKIPS - 1, items: [] });
  await cannotJudge(deskOf(round, ITEM_SKIPS - 1), 'upsetting');
  const itemId = nth(round.items, 0).id;
  const after = await shown(round);
  expect(after).toMatchObject({
    total: ITEM_SKIPS,
    byCode: { language: ITEM_SKIPS - 1, upsetting: 1 },
    items: [{ itemId, skips: ITEM_SKIPS }],
    labellers: [],
  });
  expect(after.text).toContain(`by many: ${itemId} by ${ITEM_SKIPS}`);
});

test('a labeller who could not judge many, and a large share, is shown; a small share of many is not', async () => {
  const round = await openRound(database.db, { items: 60, overlap: 2, labellers: 2, onePerPrompt: false });
  const [few, often] = [deskOf(round, 0), deskOf(round, 1)];
  for (let i = 0; i < 5 * LABELLER_SKIPS; i += 1) await few.label();
  for (let i = 0; i < LABELLER_SKIPS; i += 1) {
    await cannotJudge(few, 'language');
    await cannotJudge(often, 'beyond-my-knowledge');
  }
  const after = await shown(round);
  expect(after.labellers).toMatchObject([{ labellerId: often.id, skips: LABELLER_SKIPS, ended: LABELLER_SKIPS }]);
  expect(after.text).toContain(`could not judge ${LABELLER_SKIPS} of ${LABELLER_SKIPS}`);
});
