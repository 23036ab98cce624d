import { eq, sql } from 'drizzle-orm';
import { resolveItems } from '../../../db/items/resolve';
import { advanceShards } from '../../../db/rounds/advance';
import { items, outbox, rounds, rulings, shards, texts } from '../../../db/schema';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { FAULTY, FINE, judgeByManual, KNOWS_LENGTH } from '../../setup/manual';
import { actsOn, type ContestedRound, contestedRound, person, rule } from './contested';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

const rulingsOf = (round: ContestedRound) => here.db.select().from(rulings).where(eq(rulings.roundId, round.id));
const itemOf = async (round: ContestedRound) =>
  (await here.db.select().from(items).where(eq(items.id, round.itemId)))[0];
const passDeadline = (round: ContestedRound) =>
  here.db.update(rounds).set({ deadlineAt: sql`now()` }).where(eq(rounds.id, round.id));

test('a blind ruling is stored with form and reason, marks the item, wakes its shard, and is recorded as an act', async () => {
  const round = await contestedRound(here.db);
  const rosa = await person(here.db, 'researcher');
  await here.db.delete(outbox).where(eq(outbox.roundId, round.id));
  const result = await rule(here.db, round, rosa.name, { why: 'lone \ud800, nul \u0000' });
  expect(result).toEqual({
    kind: 'recorded',
    rulingId: expect.any(String),
    itemId: round.itemId,
    roundId: round.id,
    stage: 'blind',
    verdict: 'misaligned',
    reason: null,
  });
  const [stored] = await rulingsOf(round);
  expect(stored).toMatchObject({
    researcherId: rosa.id,
    stage: 'blind',
    form: 'verdict',
    manualRevision: null,
    answers: { verdict: 'misaligned' },
  });
  const [why] = await here.db
    .select()
    .from(texts)
    .where(eq(texts.hash, stored?.whyHash ?? ''));
  expect(why?.body).toBe('lone \ufffd, nul \u2400');
  expect((await itemOf(round))?.touched).toBe(true);
  expect(await here.db.select().from(outbox).where(eq(outbox.roundId, round.id))).toMatchObject([{ shard: 0 }]);
  expect(await actsOn(here.db, round)).toEqual([
    {
      actor: rosa.id,
      action: 'ruling.decide',
      subject: round.itemId,
      roundId: round.id,
      refused: false,
      detail: { stage: 'blind', via: 'command', verdict: 'misaligned', rulingId: stored?.id },
    },
  ]);

  expect(await resolveItems(here.db, round.id, 0)).toMatchObject({ state: 'done', items: { settled: 1 } });
});

test('a repeat is nothing new, whatever its reason', async () => {
  const round = await contestedRound(here.db);
  const rosa = await person(here.db, 'researcher');
  const first = await rule(here.db, round, rosa.id);
  await resolveItems(here.db, round.id, 0);
  const before = await actsOn(here.db, round);
  const again = await rule(here.db, round, rosa.id, { why: 'said otherwise', via: 'signal' });
  expect(again).toEqual({ ...first, kind: 'repeated' });
  expect(await rulingsOf(round)).toHaveLength(1);
  expect(await actsOn(here.db, round)).toEqual(before);
  expect((await itemOf(round))?.touched).toBe(false);
});

test('a dry run says what would happen and changes nothing', async () => {
  const round = await contestedRound(here.db);
  const rosa = await person(here.db, 'researcher');
  expect(await rule(here.db, round, rosa.id, { dryRun: true })).toMatchObject({ kind: 'would-record', stage: 'blind' });
  expect(await rule(here.db, round, 'nobody', { dryRun: true })).toMatchObject({ code: 'unknown-person' });
  expect(await rulingsOf(round)).toEqual([]);
  expect(await actsOn(here.db, round)).toEqual([]);
});

test('a blind dry run tells no more under one capability table than under another; an informed one tells the verdict', async () => {
  const round = await contestedRound(here.db);
  const { id } = await person(here.db, 'researcher');
  const told: unknown[] = [];
  for (const cells of [undefined, KNOWS_LENGTH]) {
    await judgeByManual(here.db, round.id, cells);
    told.push(await rule(here.db, round, id, { answers: FAULTY, dryRun: true }));
  }
  const { id: roundId, itemId } = round;
  const same = { kind: 'would-record', itemId, roundId, stage: 'blind', verdict: null };
  expect(told).toEqual([same, same]);
  await rule(here.db, round, id, { answers: FAULTY });
  expect(await rule(here.db, round, id, { answers: FINE, stage: 'informed', dryRun: true })).toEqual({
    ...same,
    stage: 'informed',
    verdict: 'aligned',
    reason: 'did-well',
  });
});

test('of two researchers at once one rules, and the other is told who', async () => {
  const round = await contestedRound(here.db);
  const both = [await person(here.db, 'researcher'), await person(here.db, 'researcher')];
  const results = await Promise.all(both.map(({ id }) => rule(here.db, round, id)));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['recorded', 'refused']);
  const [ruling] = await rulingsOf(round);
  const winner = both.find(({ id }) => id === ruling?.researcherId);
  expect(results).toContainEqual(
    expect.objectContaining({ code: 'ruled-by-another', message: expect.stringContaining(winner?.name ?? '?') }),
  );
});

test('of one ruling sent many times at once one is recorded, and the rest are repeats', async () => {
  const round = await contestedRound(here.db);
  const { id } = await person(here.db, 'researcher');
  const results = await Promise.all(Array.from({ length: 8 }, () => rule(here.db, round, id)));
  expect(results.filter(({ kind }) => kind === 'recorded')).toHaveLength(1);
  expect(results.filter(({ kind }) => kind === 'repeated')).toHaveLength(7);
  expect(await rulingsOf(round)).toHaveLength(1);
});

test('having seen the labels a researcher may change their mind, once; the item is settled by the last word', async () => {
  const round = await contestedRound(here.db);
  const { id } = await person(here.db, 'admin');
  const informed = { stage: 'informed', answers: { verdict: 'aligned' } };
  expect(await rule(here.db, round, id, informed)).toMatchObject({ code: 'not-blind-yet' });
  await rule(here.db, round, id);
  await resolveItems(here.db, round.id, 0);
  expect(await rule(here.db, round, id, informed)).toMatchObject({ kind: 'recorded', stage: 'informed' });
  expect(await rule(here.db, round, id, informed)).toMatchObject({ kind: 'repeated' });
  expect(await rule(here.db, round, id, { ...informed, answers: { verdict: 'ambiguous' } })).toMatchObject({
    code: 'already-ruled',
  });
  expect(await rulingsOf(round)).toHaveLength(2);
  expect(await resolveItems(here.db, round.id, 0)).toMatchObject({ items: { settled: 1 } });
  const other = await person(here.db, 'researcher');
  expect(await rule(here.db, round, other.id, informed)).toMatchObject({ code: 'ruled-by-another' });
});

test('after the deadline an unresolved item may be ruled on: its shard and its round are open again', async () => {
  const round = await contestedRound(here.db);
  await passDeadline(round);
  expect(await resolveItems(here.db, round.id, 0)).toMatchObject({ state: 'done', items: { unresolved: 1 } });
  await here.db.update(rounds).set({ status: 'done', endedAt: sql`now()` }).where(eq(rounds.id, round.id));
  const { id } = await person(here.db, 'researcher');
  expect(await rule(here.db, round, id)).toMatchObject({ kind: 'recorded' });
  const [shard] = await here.db.select().from(shards).where(eq(shards.roundId, round.id));
  expect(shard).toMatchObject({ state: 'labelling', doneAt: null });
  const [row] = await here.db.select().from(rounds).where(eq(rounds.id, round.id));
  expect(row).toMatchObject({ status: 'running', endedAt: null });
  expect(await resolveItems(here.db, round.id, 0)).toMatchObject({ state: 'done', items: { settled: 1 } });
  expect(await advanceShards(here.db, round.id)).toMatchObject({ measurable: true });
});

test('a ruling is never edited, deleted or truncated', async () => {
  const round = await contestedRound(here.db);
  const { id } = await person(here.db, 'researcher');
  await rule(here.db, round, id);
  const edits = [
    sql`update rulings set answers = '{"verdict": "aligned"}' where round_id = ${round.id}`,
    sql`update rulings set stage = 'informed' where round_id = ${round.id}`,
    sql`delete from rulings where round_id = ${round.id}`,
    sql`truncate rulings`,
  ];
  for (const edit of edits) await expect(here.db.execute(edit)).rejects.toMatchObject({ cause: { code: '23000' } });
  const twin = sql`
    insert into rulings (round_id, item_id, researcher_id, stage, form, answers)
    select round_id, item_id, researcher_id, stage, form, answers from rulings where round_id = ${round.id}`;
  await expect(here.db.execute(twin)).rejects.toMatchObject({ cause: { code: '23505' } });
  expect(await rulingsOf(round)).toMatchObject([{ answers: { verdict: 'misaligned' }, stage: 'blind' }]);
});
