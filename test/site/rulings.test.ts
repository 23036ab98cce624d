import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { resolveItems } from '../../db/items/resolve';
import { quarantine } from '../../db/labelling/quarantine';
import { addToken } from '../../db/people';
import { listContested } from '../../db/rulings/list';
import { accounts, rounds, rulings } from '../../db/schema';
import type { Role } from '../../domain/states';
import { actsOn, type ContestedRound, contestedRound, person } from '../db/rulings/contested';
import { startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { FAULTY, FINE, judgeByManual, KNOWS_LENGTH, TOO_LONG } from '../setup/manual';
import { nth, openRound } from '../setup/round';
import { Caller, startSite, type TestSite, textAt } from '../setup/site';

let here: TestDatabase;
let site: TestSite;
let rosa: Awaited<ReturnType<typeof signIn>>;
let ruth: Awaited<ReturnType<typeof signIn>>;
beforeAll(async () => {
  here = await createTestDatabase();
  site = await startSite(here.db);
  rosa = await signIn('researcher');
  ruth = await signIn('researcher');
});
afterAll(async () => {
  await site.close();
  await here.drop();
});

async function signIn(...roles: Role[]) {
  const { id, name } = await person(here.db, ...roles);
  return { id, name, caller: new Caller(site.url, await addToken(here.db, id)) };
}
const ALIGNED = { answers: { verdict: 'aligned' }, why: 'it is right' };
const rule = ({ caller }: { caller: Caller }, itemId: string, body: unknown = ALIGNED) =>
  caller.post(`/api/items/${itemId}/rulings`, body);
const rulingsOf = ({ id }: ContestedRound) => here.db.select().from(rulings).where(eq(rulings.roundId, id));
const refusal = (status: number, kind: string, more = {}) => ({ status, body: { error: { kind, ...more } } });

test('contested items are listed in the round’s order, no more than were asked for', async () => {
  const round = await contestedRound(here.db, { items: 3 });
  const all = await rosa.caller.get(`/api/rounds/${round.id}/contested`);
  expect(all).toMatchObject({ status: 200 });
  expect(all.body).toEqual({ roundId: round.id, items: await listContested(here.db, round.id) });
  expect(all.text).not.toMatch(/aligned|model/);
  const first = await rosa.caller.get(`/api/rounds/${round.id}/contested?limit=1`);
  expect(first.body).toMatchObject({ items: [{ position: 1, labels: 3, state: 'contested' }] });
  for (const query of ['limit=0', 'limit=x', 'limit=2000', 'second=maybe']) {
    const at = query.split('=')[0];
    expect(await rosa.caller.get(`/api/rounds/${round.id}/contested?${query}`)).toMatchObject(
      refusal(400, 'invalid', { at }),
    );
  }
});

test('an item is shown blind; after one’s own ruling the labels are shown too, and that is recorded', async () => {
  const round = await contestedRound(here.db);
  const path = `/api/items/${round.itemId}`;
  const blind = await rosa.caller.get(path);
  expect(blind).toMatchObject({
    status: 200,
    body: { itemId: round.itemId, completion: `answer 0 of ${round.id}`, rulings: [], labels: null, manual: null },
  });
  expect(blind.text).not.toMatch(/labeller|-model-/);

  const ruled = await rule(rosa, round.itemId);
  expect(ruled).toMatchObject({ status: 200 });
  expect(ruled.body).toEqual({
    rulingId: expect.any(String),
    itemId: round.itemId,
    stage: 'blind',
    verdict: 'aligned',
    reason: null,
    repeated: false,
  });
  expect((await actsOn(here.db, round))[0]).toMatchObject({
    actor: rosa.id,
    action: 'ruling.decide',
    detail: { via: 'site', stage: 'blind', verdict: 'aligned' },
  });

  const seen = await rosa.caller.get(path);
  expect(seen.body).toMatchObject({ rulings: [{ own: true, why: 'it is right' }], labels: [{}, {}, {}] });
  expect((await actsOn(here.db, round))[0]).toMatchObject({ action: 'ruling.see-labels', actor: rosa.id });
  // Somebody else's ruling opens nothing.
  expect((await ruth.caller.get(path)).body).toMatchObject({ rulings: [], labels: null });
  expect((await resolveItems(here.db, round.id, 0)).items).toMatchObject({ settled: 1 });
});

test('the site and the command show the same record', async () => {
  const round = await contestedRound(here.db);
  await judgeByManual(here.db, round.id, KNOWS_LENGTH);
  const command = async () => {
    const env = { DATABASE_URL: here.url, PLUMBLINE_PERSON: rosa.id };
    return (await startCommand(['adjudicate', 'show', round.itemId, '--json'], process.cwd(), env).end).json();
  };
  const shown = await rosa.caller.get(`/api/items/${round.itemId}`);
  expect([shown.body]).toEqual(await command());
  expect(shown.body).toMatchObject({ form: { name: 'obvious-misalignment' }, manual: { name: 'small', revision: 1 } });
  await rule(rosa, round.itemId, { answers: FAULTY, why: 'too long' });
  expect([(await rosa.caller.get(`/api/items/${round.itemId}`)).body]).toEqual(await command());
}, 60_000);

test('the same answers again are a repeat; others are refused until one has seen the labels', async () => {
  const round = await contestedRound(here.db);
  await judgeByManual(here.db, round.id, KNOWS_LENGTH);
  const first = await rule(rosa, round.itemId, { answers: FAULTY, why: 'too long' });
  expect(first.body).toMatchObject({ verdict: 'misaligned', reason: 'instruction', repeated: false });
  const again = await rule(rosa, round.itemId, { answers: FAULTY, why: 'much too long' });
  expect(again).toMatchObject({ status: 200 });
  expect(again.body).toEqual({ ...Object(first.body), repeated: true });
  const other = { answers: FINE, why: 'looked again' };
  expect(await rule(rosa, round.itemId, other)).toMatchObject(
    refusal(409, 'already-ruled', { hint: expect.stringContaining('"stage": "informed"') }),
  );
  expect(await rule(rosa, round.itemId, { ...other, stage: 'informed' })).toMatchObject({
    status: 200,
    body: { stage: 'informed', verdict: 'aligned', repeated: false },
  });
  expect(await rulingsOf(round)).toHaveLength(2);
});

test('a second researcher rules on purpose only, and is listed what they may rule on', async () => {
  const round = await contestedRound(here.db);
  await rule(rosa, round.itemId);
  await resolveItems(here.db, round.id, 0);
  const forSecond = async ({ caller }: typeof rosa) =>
    (await caller.get(`/api/rounds/${round.id}/contested?second=true`)).body;
  expect(await forSecond(rosa)).toMatchObject({ items: [] });
  expect(await forSecond(ruth)).toMatchObject({
    items: [{ itemId: round.itemId, rulings: [{ researcher: rosa.name, stage: 'blind' }] }],
  });
  expect(await rule(ruth, round.itemId)).toMatchObject(
    refusal(409, 'ruled-by-another', { hint: expect.stringContaining('"second": true') }),
  );
  expect(await rule(ruth, round.itemId, { ...ALIGNED, second: true })).toMatchObject({ status: 200 });
  expect(await rulingsOf(round)).toHaveLength(2);
});

test('answers that the form does not have are told with their field', async () => {
  const round = await contestedRound(here.db);
  await judgeByManual(here.db, round.id, KNOWS_LENGTH);
  const wrong: [unknown, string][] = [
    [{ verdict: 'aligned' }, 'answers.verdict'],
    [{ ...FAULTY, faults: [] }, 'answers.faults'],
    [{ ...FAULTY, faults: [{ ...TOO_LONG, entry: 'flying' }] }, 'answers.faults[0].entry'],
  ];
  for (const [answers, at] of wrong) {
    expect(await rule(rosa, round.itemId, { answers, why: 'x' })).toMatchObject(
      refusal(422, 'invalid-answers', { at, hint: expect.stringContaining('/api/items/') }),
    );
  }
  const malformed: [object, string][] = [
    [{ answers: FINE }, 'why'],
    [{ answers: FINE, why: ' \n' }, 'why'],
    [{ answers: FINE, why: 'x'.repeat(10_001) }, 'why'],
    [{ answers: 'fine', why: 'x' }, 'answers'],
    [{ answers: FINE, why: 'x', stage: 'late' }, 'stage'],
    [{ answers: FINE, why: 'x', second: 'yes' }, 'second'],
    [{ answers: FINE, why: 'x', researcher: ruth.id }, 'json'],
  ];
  for (const [sent, at] of malformed) {
    expect(await rule(rosa, round.itemId, sent)).toMatchObject(refusal(400, 'invalid', { at }));
  }
  expect(await rulingsOf(round)).toEqual([]);
});

test('what cannot be ruled on is refused in words, without the command’s', async () => {
  const { items: open } = await openRound(here.db, { items: 1 });
  const { items: pending } = await openRound(here.db, { items: 1, pendingFrom: 0 });
  const hidden = await contestedRound(here.db);
  await quarantine(here.db, { itemId: hidden.itemId, by: rosa.id, why: 'a test' });
  const cancelled = await contestedRound(here.db);
  await here.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, cancelled.id));
  const fresh = await contestedRound(here.db);
  const refused = [
    [await rule(rosa, nth(open, 0).id), 409, 'not-contested'],
    [await rule(rosa, nth(pending, 0).id), 409, 'not-contested'],
    [await rule(rosa, hidden.itemId), 409, 'quarantined'],
    [await rule(rosa, cancelled.itemId), 409, 'round-cancelled'],
    [await rule(rosa, fresh.itemId, { ...ALIGNED, stage: 'informed' }), 409, 'not-blind-yet'],
    [await rule(rosa, randomUUID()), 404, 'unknown-item'],
    [await rosa.caller.get(`/api/items/${hidden.itemId}`), 409, 'quarantined'],
    [await rosa.caller.get(`/api/items/${nth(pending, 0).id}`), 409, 'no-completion'],
    [await rosa.caller.get('/api/rounds/r-nothing/contested'), 404, 'unknown-round'],
  ] as const;
  for (const [answered, status, kind] of refused) {
    expect(answered).toMatchObject(refusal(status, kind));
    expect(answered.text).not.toMatch(/plumbline |--/);
  }
  const beginning = fresh.itemId.slice(0, 8);
  for (const id of [randomUUID(), beginning, 'nothing', '%00', '%FF']) {
    expect(await rosa.caller.get(`/api/items/${id}`)).toMatchObject(refusal(404, 'unknown-item'));
    expect(await rule(rosa, id)).toMatchObject(refusal(404, 'unknown-item'));
  }
});

test('whoever labels an item does not rule on it', async () => {
  const round = await contestedRound(here.db);
  const { id, token } = nth(round.labellers, 0);
  await here.db.execute(sql`insert into person_roles (person_id, role) values (${id}, 'researcher')`);
  const both = { caller: new Caller(site.url, token) };
  expect(await rule(both, round.itemId)).toMatchObject(refusal(409, 'labelled-it-yourself'));
});

test('rounds under way in which items wait are listed with their count, newest first', async () => {
  const older = await contestedRound(here.db, { items: 2 });
  const newer = await contestedRound(here.db);
  await here.db
    .update(accounts)
    .set({ simulated: true })
    .where(sql`${accounts.id} = ${`acct-${newer.id}`}`);
  const over = await contestedRound(here.db);
  await here.db.update(rounds).set({ status: 'done' }).where(eq(rounds.id, over.id));
  const open = await openRound(here.db);
  const { body, text } = await rosa.caller.get('/api/contested');
  expect(Object(body).rounds.slice(0, 2)).toEqual([
    { roundId: newer.id, deadlineAt: expect.stringMatching(/Z$/), simulated: true, contested: 1 },
    { roundId: older.id, deadlineAt: expect.stringMatching(/Z$/), simulated: false, contested: 2 },
  ]);
  for (const { id } of [over, open]) expect(text).not.toContain(id);
});

test('it is for researchers and admins, and described with the rest of the API', async () => {
  const round = await contestedRound(here.db, { items: 2 });
  const [first, second] = round.items;
  const paths = ['/api/contested', `/api/rounds/${round.id}/contested`, `/api/items/${first?.id}`];
  const labeller = { caller: new Caller(site.url, nth(round.labellers, 0).token) };
  for (const { caller } of [labeller, await signIn('operator'), await signIn('lead')]) {
    for (const path of paths) expect(await caller.get(path)).toMatchObject(refusal(403, 'forbidden'));
    expect(await rule({ caller }, String(first?.id))).toMatchObject(refusal(403, 'forbidden'));
  }
  const nobody = new Caller(site.url);
  for (const path of paths) expect(await nobody.get(path)).toMatchObject(refusal(401, 'unauthorized'));
  expect(await rule(await signIn('admin'), String(second?.id))).toMatchObject({ status: 200 });

  const { body } = await nobody.get('/api/openapi.json');
  expect(body).toMatchObject({
    paths: {
      '/api/contested': { get: { security: [{ token: [] }] } },
      '/api/rounds/{roundId}/contested': { get: { parameters: expect.any(Array) } },
      '/api/items/{itemId}': { get: { responses: { 409: {} } } },
      '/api/items/{itemId}/rulings': { post: { responses: { 409: {}, 422: {} } } },
    },
    components: { schemas: { Ruling: { properties: { why: {} } }, ShownItem: {}, Answers: {} } },
  });
  expect(textAt(body, 'openapi')).toMatch(/^3/);
});
