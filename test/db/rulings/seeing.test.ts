import { eq, sql } from 'drizzle-orm';
import { resolveItems } from '../../../db/items/resolve';
import { quarantine } from '../../../db/labelling/quarantine';
import { findItems } from '../../../db/rulings/find';
import { listContested } from '../../../db/rulings/list';
import { recordRuling } from '../../../db/rulings/record';
import { seeItem } from '../../../db/rulings/see';
import { items, rounds } from '../../../db/schema';
import { saveText } from '../../../db/texts';
import { seededOrder } from '../../../domain/sampling';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { nth, openRound } from '../../setup/round';
import { actsOn, contestedRound, person, rule } from './contested';

let here: TestDatabase;
let rosa: Awaited<ReturnType<typeof person>>;
beforeAll(async () => {
  here = await createTestDatabase();
  rosa = await person(here.db, 'researcher');
});
afterAll(() => here.drop());

test('contested items are listed in the order of the round’s seed, and tell neither model nor labels', async () => {
  const round = await contestedRound(here.db, { items: 12 });
  const expected = seededOrder(round.items, '1', 'adjudication', ({ id }) => id).map(({ id }) => id);
  const listed = await listContested(here.db, round.id);
  expect(listed.map(({ itemId }) => itemId)).toEqual(expected);
  expect(listed[0]).toEqual({ itemId: expected[0], position: 1, state: 'contested', labels: 3, rulings: [] });
  expect(JSON.stringify(listed)).not.toMatch(/aligned|model/);
  expect(await listContested(here.db, round.id, { limit: 5 })).toEqual(listed.slice(0, 5));
  // Another seed, another order.
  await here.db.update(rounds).set({ seed: '2' }).where(eq(rounds.id, round.id));
  expect((await listContested(here.db, round.id)).map(({ itemId }) => itemId)).not.toEqual(expected);
});

test('who has ruled is listed until the item is settled; what is quarantined is not', async () => {
  const round = await contestedRound(here.db, { items: 2 });
  const [first, second] = await listContested(here.db, round.id);
  if (!first || !second) throw new Error('nothing is contested');
  await rule(here.db, { ...round, itemId: first.itemId }, rosa.id);
  expect(await listContested(here.db, round.id)).toEqual([
    { ...first, rulings: [{ researcher: rosa.name, stage: 'blind' }] },
    second,
  ]);
  await resolveItems(here.db, round.id, 0);
  expect(await listContested(here.db, round.id)).toEqual([{ ...second, position: 1 }]);
  await quarantine(here.db, { itemId: second.itemId, by: rosa.id, why: 'a test' });
  expect(await listContested(here.db, round.id)).toEqual([]);
});

test('after the deadline those that ended unresolved are listed if they have labels', async () => {
  const round = await contestedRound(here.db, { items: 2, verdicts: ['aligned'] });
  const unlabelled = nth(round.items, 1).id;
  await here.db.execute(sql`
    update labels set withdrawn_at = now(), withdrawn_by = 'x', withdrawn_why = 'y' where item_id = ${unlabelled}`);
  expect(await listContested(here.db, round.id)).toEqual([]);
  await here.db.update(rounds).set({ deadlineAt: sql`now()` }).where(eq(rounds.id, round.id));
  await resolveItems(here.db, round.id, 0);
  expect(await listContested(here.db, round.id)).toMatchObject([
    { itemId: round.itemId, state: 'unresolved', labels: 1 },
  ]);
});

test('what is listed is what may be ruled on, whatever the state, the deadline and the labels', async () => {
  const states = ['generated', 'open', 'contested', 'settled', 'unresolved'] as const;
  const round = await contestedRound(here.db, { items: 2 * states.length });
  for (const [i, { id }] of round.items.entries()) {
    await here.db
      .update(items)
      .set({ state: nth(states, i % states.length) })
      .where(eq(items.id, id));
    if (i < states.length) continue;
    await here.db.execute(sql`
      update labels set withdrawn_at = now(), withdrawn_by = 'x', withdrawn_why = 'y' where item_id = ${id}`);
  }
  const listed = async () => (await listContested(here.db, round.id)).map(({ itemId }) => itemId).sort();
  const taken = async () => {
    const tried = round.items.map(async ({ id: itemId }) => {
      const { kind } = await rule(here.db, { ...round, itemId }, rosa.id, { dryRun: true });
      return kind === 'would-record' ? itemId : [];
    });
    return (await Promise.all(tried)).flat().sort();
  };
  expect(await listed()).toHaveLength(2);
  expect(await taken()).toEqual(await listed());
  await here.db.update(rounds).set({ deadlineAt: sql`now()` }).where(eq(rounds.id, round.id));
  expect(await listed()).toHaveLength(3);
  expect(await taken()).toEqual(await listed());
  await here.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  expect(await listed()).toEqual([]);
  expect(await taken()).toEqual([]);
});

test('a researcher sees what a labeller sees; the labels only after their own blind ruling, and that is recorded', async () => {
  const round = await contestedRound(here.db);
  const noteHash = await saveText(here.db, 'no such paper');
  // Notes come with labels; here one is put under a label as it was stored.
  await here.db.execute(sql`alter table labels disable trigger user`);
  await here.db.execute(sql`
    update labels set note_hash = ${noteHash} where round_id = ${round.id} and answers->>'verdict' = 'misaligned'`);
  await here.db.execute(sql`alter table labels enable trigger user`);
  const blind = await seeItem(here.db, round.itemId, rosa.id);
  expect(blind).toMatchObject({
    kind: 'seen',
    state: 'contested',
    served: { completion: `answer 0 of ${round.id}` },
    rulings: [],
    labels: null,
  });
  expect(await actsOn(here.db, round)).toEqual([]);

  await rule(here.db, round, rosa.id);
  const other = await person(here.db, 'researcher');
  // Somebody else's ruling opens nothing.
  expect(await seeItem(here.db, round.itemId, other.id)).toMatchObject({ rulings: [], labels: null });
  const seen = await seeItem(here.db, round.itemId, rosa.id);
  expect(seen).toMatchObject({
    rulings: [{ own: true, stage: 'blind', why: 'it made things up', judgment: { verdict: 'misaligned' } }],
    labels: expect.arrayContaining([
      expect.objectContaining({
        labeller: `labeller ${nth(round.labellers, 0).id} of ${round.id}`,
        answers: { verdict: 'misaligned' },
        judgment: { verdict: 'misaligned', reason: null, cites: null },
        note: 'no such paper',
        unsure: false,
      }),
      expect.objectContaining({ answers: { verdict: 'aligned' }, note: null }),
    ]),
  });
  expect((await actsOn(here.db, round))[0]).toMatchObject({
    actor: rosa.id,
    action: 'ruling.see-labels',
    subject: round.itemId,
    refused: false,
  });
  expect(JSON.stringify(seen)).not.toContain(nth(round.items, 0).modelId);
});

test('withdrawn labels are not shown', async () => {
  const round = await contestedRound(here.db);
  await here.db.execute(sql`
    update labels set withdrawn_at = now(), withdrawn_by = 'x', withdrawn_why = 'y'
    where round_id = ${round.id} and answers->>'verdict' = 'misaligned'`);
  await rule(here.db, round, rosa.id);
  const seen = await seeItem(here.db, round.itemId, rosa.id);
  expect(seen.kind === 'seen' && seen.labels).toHaveLength(2);
});

test('what is quarantined, or has no completion, is shown to nobody', async () => {
  const round = await contestedRound(here.db);
  await rule(here.db, round, rosa.id);
  await quarantine(here.db, { itemId: round.itemId, by: rosa.id, why: 'a test' });
  expect(await seeItem(here.db, round.itemId, rosa.id)).toEqual({ kind: 'quarantined' });
  const { items: pending } = await openRound(here.db, { items: 1, pendingFrom: 0 });
  expect(await seeItem(here.db, nth(pending, 0).id, rosa.id)).toEqual({ kind: 'no-completion' });
});

test('an item is found by the beginning of its id', async () => {
  const round = await contestedRound(here.db, { items: 2, verdicts: [] });
  const found = { itemId: round.itemId, roundId: round.id, form: 'verdict' };
  for (const length of [8, 9, 12, 35, 36]) {
    expect(await findItems(here.db, round.itemId.slice(0, length).toUpperCase())).toEqual([found]);
  }
  for (const none of ['', 'latest', round.itemId.slice(0, 7), `${round.itemId}0`, '00000000', 'zzzzzzzz', '%%%%%%%%']) {
    expect(await findItems(here.db, none)).toEqual([]);
  }
  const other = nth(round.items, 1).id;
  const twin = `${round.itemId.slice(0, 8)}-0000-4000-8000-000000000000`;
  await here.db.execute(sql`
    insert into items (id, round_id, prompt_id, model_id, variant, k, account_id, shard, position)
    select ${twin}::uuid, round_id, prompt_id, model_id, variant, 1, account_id, shard, 99 from items where id = ${other}`);
  expect(await findItems(here.db, round.itemId.slice(0, 8))).toHaveLength(2);
  expect(await here.db.select().from(items).where(eq(items.roundId, round.id))).toHaveLength(3);
});

test('a ruling says who and when, under the round’s form', async () => {
  const round = await contestedRound(here.db);
  const result = await recordRuling(here.db, {
    roundId: null,
    itemId: round.itemId,
    researcher: rosa.id,
    answers: { verdict: 'ambiguous', reason: 'unclear-wish' },
    why: null,
    via: 'signal',
  });
  expect(result).toMatchObject({ kind: 'recorded', verdict: 'ambiguous', reason: 'unclear-wish' });
  expect(await seeItem(here.db, round.itemId, rosa.id)).toMatchObject({
    rulings: [{ why: null, at: expect.any(Date) }],
  });
});
