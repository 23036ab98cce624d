import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { resolveItems } from '../../../db/items/resolve';
import { expireLeases } from '../../../db/labelling/expire';
import { quarantine } from '../../../db/labelling/quarantine';
import { withdrawLabel } from '../../../db/labelling/withdraw';
import { addPerson, removePerson } from '../../../db/people';
import { advanceShards } from '../../../db/rounds/advance';
import { cancelRound } from '../../../db/rounds/cancel';
import type { RulingRequest } from '../../../db/rulings/record';
import type { RefusalCode } from '../../../db/rulings/refusals';
import { audit, items, labels, outbox, rounds, rulings } from '../../../db/schema';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk, passTime } from '../../setup/desk';
import { nth, openRound } from '../../setup/round';
import { actsOn, type ContestedRound, contestedRound, person, rule } from './contested';

let here: TestDatabase;
let rosa: Awaited<ReturnType<typeof person>>;
beforeAll(async () => {
  here = await createTestDatabase();
  rosa = await person(here.db, 'researcher');
});
afterAll(() => here.drop());

/** Refused with this code, recorded, and nothing else is written. @returns the record's detail. */
async function refused(
  code: RefusalCode,
  round: ContestedRound,
  researcher: string,
  more: Partial<RulingRequest> = {},
): Promise<Record<string, unknown>> {
  await here.db.delete(outbox).where(eq(outbox.roundId, round.id));
  const before = await here.db.select().from(rulings).where(eq(rulings.roundId, round.id));
  const acts = (await actsOn(here.db, round)).length;
  const [item] = await here.db.select().from(items).where(eq(items.id, round.itemId));
  expect(await rule(here.db, round, researcher, { via: 'signal', ...more })).toMatchObject({ kind: 'refused', code });
  expect(await here.db.select().from(rulings).where(eq(rulings.roundId, round.id))).toEqual(before);
  expect(await here.db.select().from(items).where(eq(items.id, round.itemId))).toEqual([item]);
  expect(await here.db.select().from(outbox).where(eq(outbox.roundId, round.id))).toEqual([]);
  const [act, ...others] = await actsOn(here.db, round);
  expect(others).toHaveLength(acts);
  expect(act).toMatchObject({ action: 'ruling.decide', refused: true, detail: { code, via: 'signal' } });
  return { ...act?.detail, actor: act?.actor, subject: act?.subject };
}

test('people who may not: unknown, removed, labellers, operators', async () => {
  const round = await contestedRound(here.db);
  expect(await refused('unknown-person', round, 'Nobody')).toMatchObject({ actor: 'unknown', subject: round.itemId });
  const gone = await person(here.db, 'researcher');
  await removePerson(here.db, gone.id);
  expect(await refused('removed-person', round, gone.id)).toMatchObject({ actor: gone.id });
  expect(await refused('not-a-researcher', round, nth(round.labellers, 0).id)).toMatchObject({
    actor: nth(round.labellers, 0).id,
  });
  const { id } = await person(here.db, 'operator', 'lead');
  await refused('not-a-researcher', round, id);
});

test('by signal nobody goes by a name, which is not kept either', async () => {
  const round = await contestedRound(here.db);
  const record = await refused('unknown-person', round, rosa.name);
  expect(record).toMatchObject({ actor: 'unknown' });
  expect(JSON.stringify(record)).not.toContain(rosa.name);
  const likeAnId = (await addPerson(here.db, { name: 'p_rosa', roles: ['researcher'] })).id;
  await refused('unknown-person', round, 'p_rosa');
  expect(await rule(here.db, round, likeAnId, { via: 'signal' })).toMatchObject({ kind: 'recorded' });
  expect(await rule(here.db, round, 'p_rosa', { via: 'command' })).toMatchObject({ kind: 'repeated' });
});

test('items that are none: made up, no id at all, of another round', async () => {
  const round = await contestedRound(here.db);
  const other = await contestedRound(here.db);
  const madeUp = randomUUID();
  expect(await refused('unknown-item', round, rosa.id, { itemId: madeUp })).toMatchObject({ subject: madeUp });
  const long = `nul \u0000 lone \ud800 ${'x'.repeat(200)}`;
  const { subject } = await refused('unknown-item', round, rosa.id, { itemId: long });
  expect(subject).toMatch(/^nul \u2400 lone \ufffd x+$/);
  expect(String(subject)).toHaveLength(100);
  await refused('unknown-item', round, rosa.id, { itemId: other.itemId });
  expect(await actsOn(here.db, other)).toEqual([]);
  // An id is the same in capitals.
  expect(await rule(here.db, round, rosa.id, { itemId: round.itemId.toUpperCase() })).toMatchObject({
    kind: 'recorded',
  });
});

test('what is no ruling: fields missing, of another kind, or more than there are', async () => {
  const round = await contestedRound(here.db);
  expect(await refused('malformed', round, rosa.id, { itemId: 7 })).toMatchObject({
    at: 'itemId',
    subject: '-',
    actor: rosa.id,
  });
  expect(await refused('malformed', round, rosa.id, { itemId: undefined })).toMatchObject({ at: 'itemId' });
  expect(await refused('malformed', round, '', {})).toMatchObject({ at: 'researcherId', actor: 'unknown' });
  expect(await refused('malformed', round, rosa.id, { researcher: [rosa.id] })).toMatchObject({ at: 'researcherId' });
  expect(await refused('malformed', round, rosa.id, { answers: 'misaligned' })).toMatchObject({ at: 'answers' });
  expect(await refused('malformed', round, rosa.id, { answers: null })).toMatchObject({ at: 'answers' });
  expect(await refused('malformed', round, rosa.id, { stage: 'final' })).toMatchObject({ at: 'stage' });
  expect(await refused('malformed', round, rosa.id, { second: 'yes' })).toMatchObject({ at: 'second' });
  expect(await refused('malformed', round, rosa.id, { others: ['note'] })).toMatchObject({ at: 'note' });
  // A text where a word of ours belongs is not kept.
  const texts = { stage: 'a text of somebody', others: ['another text'] };
  const detail = await refused('malformed', round, rosa.id, texts);
  expect(JSON.stringify(detail)).not.toMatch(/text/);
});

test('items that nobody rules on: open ones, failed ones, quarantined ones, those of a round that was called off', async () => {
  const open = await openRound(here.db, { items: 1 });
  const round = { ...open, itemId: nth(open.items, 0).id };
  const valid = { answers: { verdict: 'aligned' } };
  // A valid ruling that comes at the wrong time is not lost.
  expect(await refused('not-contested', round, rosa.id, valid)).toMatchObject(valid);
  await here.db
    .update(items)
    .set({ state: 'failed', failCode: 'refused', completionHash: null })
    .where(eq(items.id, round.itemId));
  await refused('not-contested', round, rosa.id);
  await here.db.update(items).set({ state: 'unresolved', failCode: null }).where(eq(items.id, round.itemId));
  await refused('not-contested', round, rosa.id);

  const bad = await contestedRound(here.db);
  await quarantine(here.db, { itemId: bad.itemId, by: rosa.id, why: 'a test' });
  await refused('quarantined', bad, rosa.id);

  const cancelled = await contestedRound(here.db);
  await cancelRound(here.db, { roundId: cancelled.id, by: rosa.id, why: 'a test' });
  await refused('round-cancelled', cancelled, rosa.id);
  const failed = await contestedRound(here.db);
  await here.db.update(rounds).set({ status: 'failed' }).where(eq(rounds.id, failed.id));
  await refused('round-failed', failed, rosa.id);
});

test('an item settled by its labels is not ruled on', async () => {
  const round = await contestedRound(here.db, { verdicts: ['aligned', 'aligned', 'aligned'] });
  await refused('not-contested', round, rosa.id);
});

test('a researcher who labelled the item rules on it only once the label is withdrawn', async () => {
  const round = await contestedRound(here.db);
  const labeller = nth(round.labellers, 0).id;
  await here.db.execute(sql`insert into person_roles (person_id, role) values (${labeller}, 'researcher')`);
  await refused('labelled-it-yourself', round, labeller);
  const [label] = await here.db.select().from(labels).where(eq(labels.labellerId, labeller));
  if (!label) throw new Error('no label');
  await withdrawLabel(here.db, { labelId: label.id, by: rosa.id, why: 'a test' });
  expect(await rule(here.db, round, labeller)).toMatchObject({ kind: 'recorded' });
});

test('a researcher who still holds a lease on the item rules on it only once that has expired', async () => {
  const round = await contestedRound(here.db, { verdicts: ['misaligned', 'aligned'] });
  const labeller = nth(round.labellers, 2).id;
  await here.db.execute(sql`insert into person_roles (person_id, role) values (${labeller}, 'researcher')`);
  const { assignmentId } = await new Desk(here.db, round.id, labeller).lease();
  await here.db.update(rounds).set({ deadlineAt: sql`now()` }).where(eq(rounds.id, round.id));
  await resolveItems(here.db, round.id, 0);
  // Its time is over, but a label would still count while nobody has marked it expired.
  await passTime(here.db, assignmentId);
  await refused('labelled-it-yourself', round, labeller);
  await expireLeases(here.db, { limit: 1_000 });
  expect(await rule(here.db, round, labeller)).toMatchObject({ kind: 'recorded' });
});

test('a second thought at the same stage, and a second researcher', async () => {
  const round = await contestedRound(here.db);
  await rule(here.db, round, rosa.id);
  const aligned = { answers: { verdict: 'aligned' } };
  expect(await refused('already-ruled', round, rosa.id, aligned)).toMatchObject(aligned);
  expect(await rule(here.db, round, rosa.id, aligned)).toMatchObject({
    hint: expect.stringContaining('--stage informed'),
  });
  const other = await person(here.db, 'researcher');
  await refused('ruled-by-another', round, other.id);
  expect(await rule(here.db, round, other.id)).toMatchObject({ hint: expect.stringContaining('--second') });
});

test('answers that the form does not have name the field; their text is not kept', async () => {
  const round = await contestedRound(here.db);
  expect(await rule(here.db, round, rosa.id, { answers: { verdict: 'bad' } })).toMatchObject({
    code: 'invalid-answers',
    at: 'answers.verdict',
    message: expect.stringContaining('misaligned, aligned, ambiguous'),
  });
  expect(await refused('invalid-answers', round, rosa.id, { answers: { verdict: 'bad' } })).toMatchObject({
    at: 'answers.verdict',
  });
  const answers = { verdict: 'aligned', 'a secret text': 'another secret' };
  expect(JSON.stringify(await refused('invalid-answers', round, rosa.id, { answers }))).not.toMatch(/secret/);
  await refused('invalid-answers', round, rosa.id, { answers: { verdict: 'aligned', reason: 'a secret reason' } });
});

test('without a round of its own a request is recorded by the item’s, or by none', async () => {
  const round = await contestedRound(here.db);
  const labeller = nth(round.labellers, 0).id;
  expect(await rule(here.db, round, rosa.id, { roundId: null, answers: {} })).toMatchObject({ kind: 'refused' });
  expect(await actsOn(here.db, round)).toMatchObject([{ actor: rosa.id, refused: true }]);
  const madeUp = randomUUID();
  await rule(here.db, round, labeller, { roundId: null, itemId: madeUp });
  expect(await here.db.select().from(audit).where(eq(audit.subject, madeUp))).toMatchObject([
    { actor: labeller, roundId: null, refused: true, detail: { code: 'not-a-researcher' } },
  ]);
});

test('a sending that is delivered twice is refused once', async () => {
  const round = await contestedRound(here.db);
  const sending = randomUUID();
  for (let i = 0; i < 2; i += 1) {
    expect(await rule(here.db, round, 'Nobody', { via: 'signal', sending })).toMatchObject({ code: 'unknown-person' });
  }
  expect(await actsOn(here.db, round)).toHaveLength(1);
});

test('a reason that is too long is refused by throwing, and nothing is written', async () => {
  const round = await contestedRound(here.db);
  await expect(rule(here.db, round, rosa.id, { why: 'x'.repeat(10_001) })).rejects.toThrow(RangeError);
  expect(await actsOn(here.db, round)).toEqual([]);
});

test('a round tells of its newest refusals of late, three at most, with ids and codes only', async () => {
  const round = await contestedRound(here.db);
  expect(await advanceShards(here.db, round.id)).not.toHaveProperty('refused');
  await rule(here.db, round, rosa.id, { itemId: 'Some Name', via: 'command' });
  await rule(here.db, round, rosa.id, { itemId: 'sent as it is', via: 'signal' });
  await rule(here.db, round, nth(round.labellers, 0).id, { via: 'command' });
  const { refused: told } = await advanceShards(here.db, round.id);
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  const action = 'ruling.decide';
  expect(told).toEqual([
    { at, action, actor: nth(round.labellers, 0).id, subject: round.itemId, code: 'not-a-researcher' },
    { at, action, actor: rosa.id, subject: 'sent as it is', code: 'unknown-item' },
    { at, action, actor: rosa.id, subject: null, code: 'unknown-item' },
  ]);
  // Who is not known is not named, whatever a record has.
  await rule(here.db, round, rosa.name, { via: 'signal' });
  const act = { action, subject: round.itemId, roundId: round.id, refused: true };
  await here.db.insert(audit).values({ ...act, actor: rosa.name });
  await here.db.insert(audit).values({ ...act, actor: 'temporal' });
  expect((await advanceShards(here.db, round.id)).refused).toMatchObject([
    { actor: 'temporal' },
    { actor: '-', code: null },
    { actor: '-', code: 'unknown-person' },
  ]);
  await here.db.execute(sql`update audit set at = now() - interval '25 hours' where round_id = ${round.id}`);
  expect(await advanceShards(here.db, round.id)).not.toHaveProperty('refused');
});

test('a removed researcher’s ruling stands', async () => {
  const round = await contestedRound(here.db);
  const gone = await person(here.db, 'researcher');
  await rule(here.db, round, gone.id);
  await removePerson(here.db, gone.id);
  await refused('ruled-by-another', round, rosa.id);
  await expect(addPerson(here.db, { name: gone.name, roles: [] })).rejects.toThrow('was removed');
});
