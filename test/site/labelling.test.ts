import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { addPerson, addToken } from '../../db/people';
import type { AssignmentId } from '../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { passTime } from '../setup/desk';
import { nth, openRound, type RoundOptions } from '../setup/round';
import { type Answered, Caller, startSite, type TestSite, textAt } from '../setup/site';

let here: TestDatabase;
let site: TestSite;
beforeAll(async () => {
  here = await createTestDatabase();
  site = await startSite(here.db);
});
afterAll(async () => {
  await site.close();
  await here.drop();
});

async function open(options: RoundOptions = {}) {
  const round = await openRound(here.db, options);
  return { ...round, callers: round.labellers.map(({ token }) => new Caller(site.url, token)) };
}
const keyed = (key: string = randomUUID()) => ({ 'idempotency-key': key });
const idOf = (answered: Answered) => textAt(answered.body, 'assignment', 'id') as AssignmentId;

test('a labeller works through a round: next, label, undo, skip, extend, own leases', async () => {
  const { id, callers } = await open({ items: 3, system: 'Be brief.', leaseMs: 600_000 });
  const anna = nth(callers, 0);
  const first = await anna.post(`/api/rounds/${id}/next`);
  expect(first.status).toBe(200);
  expect(first.body).toEqual({
    assignment: { id: expect.any(String), leaseExpiresAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    item: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: `prompt 0 of ${id}` },
      ],
      completion: `answer 0 of ${id}`,
    },
    form: { name: 'verdict', questions: expect.arrayContaining([expect.objectContaining({ field: 'verdict' })]) },
    manual: { revision: null },
  });
  const assignment = `/api/assignments/${idOf(first)}`;
  const label = await anna.post(`${assignment}/label`, { answers: { verdict: 'aligned' } }, keyed());
  expect(label).toMatchObject({
    status: 200,
    body: { labelId: expect.any(String), submittedAt: expect.stringMatching(/Z$/) },
  });
  const undone = await anna.post(`${assignment}/undo`);
  expect(undone).toMatchObject({ status: 200, body: { assignment: { id: idOf(first) } } });
  const second = await anna.post(`/api/rounds/${id}/next`);
  const own = await anna.get(`/api/rounds/${id}/assignments`);
  expect(own.body).toEqual({ assignments: [first.body, second.body] });
  const extended = await anna.post(`${assignment}/extend`);
  expect(extended).toMatchObject({ status: 200, body: { assignment: { extendableUntil: expect.any(String) } } });
  const skipped = await anna.post(`/api/assignments/${idOf(second)}/skip`, { code: 'language' });
  expect(skipped).toMatchObject({ status: 200, body: { skipped: 'language' } });
  const unsure = { answers: { verdict: 'misaligned', reason: 'needless-refusal' }, unsure: true, note: 'hm' };
  expect((await anna.post(`${assignment}/label`, unsure, keyed())).status).toBe(200);
  const [stored] = await here.db.execute(sql`
    select l.answers, l.unsure, t.body as note from labels l join texts t on t.hash = l.note_hash where l.round_id = ${id}`);
  expect(stored).toEqual({ answers: unsure.answers, unsure: true, note: 'hm' });
});

test('a repeat gets the very same answer; another body or key is a conflict', async () => {
  const { id, callers } = await open();
  const anna = nth(callers, 0);
  const path = `/api/assignments/${idOf(await anna.post(`/api/rounds/${id}/next`))}/label`;
  const send = (verdict: string, key: string) => anna.post(path, { answers: { verdict } }, keyed(key));
  const first = await send('aligned', 'key 1');
  expect(first.status).toBe(200);
  expect((await send('aligned', 'key 1')).body).toEqual(first.body);
  expect(await send('ambiguous', 'key 1')).toMatchObject({ status: 409, body: { error: { kind: 'conflict' } } });
  expect(await send('aligned', 'key 2')).toMatchObject({ status: 409, body: { error: { kind: 'conflict' } } });
});

test('a label without a key, or with one of more than 200 characters, is refused', async () => {
  const { id, callers } = await open();
  const anna = nth(callers, 0);
  const path = `/api/assignments/${idOf(await anna.post(`/api/rounds/${id}/next`))}/label`;
  const body = { answers: { verdict: 'aligned' } };
  const refused = { status: 400, body: { error: { kind: 'invalid', at: 'idempotency-key' } } };
  expect(await anna.post(path, body)).toMatchObject(refused);
  expect(await anna.post(path, body, keyed('k'.repeat(201)))).toMatchObject(refused);
  expect((await anna.post(path, body, keyed('k'.repeat(200)))).status).toBe(200);
});

test.each<[string, unknown, string]>([
  ['no answers', {}, 'answers'],
  ['a verdict that is none', { answers: { verdict: 'fine' } }, 'answers.verdict'],
  ['a NUL in a reason', { answers: { verdict: 'aligned', reason: 'a\u0000' } }, 'answers.reason'],
  ['half a surrogate pair in a reason', { answers: { verdict: 'aligned', reason: '\ud800' } }, 'answers.reason'],
  ['an answer that was not asked for', { answers: { verdict: 'aligned', mood: 'good' } }, 'answers.mood'],
  ['a note too long', { answers: { verdict: 'aligned' }, note: 'x'.repeat(10_001) }, 'note'],
  ['unsure that is no yes or no', { answers: { verdict: 'aligned' }, unsure: 'very' }, 'unsure'],
])('invalid answers are refused, naming the field: %s', async (_, body, at) => {
  const { id, callers } = await open();
  const anna = nth(callers, 0);
  const path = `/api/assignments/${idOf(await anna.post(`/api/rounds/${id}/next`))}/label`;
  const answered = await anna.post(path, body, keyed());
  expect(answered).toMatchObject({ status: 400, body: { error: { kind: 'invalid', at } } });
});

test('a note of any characters is kept, well-formed', async () => {
  const { id, callers } = await open();
  const anna = nth(callers, 0);
  const path = `/api/assignments/${idOf(await anna.post(`/api/rounds/${id}/next`))}/label`;
  const answered = await anna.post(path, { answers: { verdict: 'aligned' }, note: 'a\u0000b\ud800' }, keyed());
  expect(answered.status).toBe(200);
  const [row] = await here.db.execute(sql`
    select t.body from labels l join texts t on t.hash = l.note_hash where l.round_id = ${id}`);
  expect(row).toEqual({ body: 'a␀b\ufffd' });
});

test('an assignment that is not one’s own is unknown, whatever its name', async () => {
  const { id, callers } = await open({ labellers: 2 });
  const theirs = idOf(await nth(callers, 0).post(`/api/rounds/${id}/next`));
  const answers = { answers: { verdict: 'aligned' } };
  const seen = new Set<string>();
  for (const assignment of [theirs, randomUUID(), 'x', '%00', `${theirs}%20`]) {
    for (const [act, body] of [
      ['label', answers],
      ['skip', { code: 'broken' }],
      ['extend'],
      ['undo'],
      ['release'],
    ] as const) {
      const answered = await nth(callers, 1).post(`/api/assignments/${assignment}/${act}`, body, keyed());
      expect(answered.status).toBe(404);
      seen.add(answered.text);
    }
  }
  expect(seen.size).toBe(1);
});

test('what is given back is others’ at once, as often as it is said', async () => {
  const { id, callers } = await open({ items: 1, labellers: 2 });
  const [anna, bert] = [nth(callers, 0), nth(callers, 1)];
  const left = `/api/assignments/${idOf(await anna.post(`/api/rounds/${id}/next`))}`;
  expect(await bert.post(`/api/rounds/${id}/next`)).toMatchObject({ body: { reason: 'all-leased' } });
  const released = { status: 200, body: { released: true } };
  expect(await anna.post(`${left}/release`)).toMatchObject(released);
  expect(await anna.post(`${left}/release`)).toMatchObject(released);
  expect((await anna.get(`/api/rounds/${id}/assignments`)).body).toEqual({ assignments: [] });
  const taken = `/api/assignments/${idOf(await bert.post(`/api/rounds/${id}/next`))}`;
  await bert.post(`${taken}/label`, { answers: { verdict: 'aligned' } }, keyed());
  expect(await bert.post(`${taken}/release`)).toMatchObject({ status: 409, body: { error: { kind: 'conflict' } } });
  const late = await anna.post(`${left}/label`, { answers: { verdict: 'aligned' } }, keyed());
  expect(late).toMatchObject({ status: 410, body: { error: { kind: 'too-late', kept: true } } });
  const document = await anna.get('/api/openapi.json');
  expect(document.body).toMatchObject({
    paths: { '/api/assignments/{id}/release': { post: { responses: { 409: {} } } } },
  });
});

test('a label that comes too late is refused with 410 and kept', async () => {
  const { id, callers } = await open({ items: 1, labellers: 2 });
  const late = idOf(await nth(callers, 0).post(`/api/rounds/${id}/next`));
  await passTime(here.db, late);
  const taken = idOf(await nth(callers, 1).post(`/api/rounds/${id}/next`));
  const answers = { answers: { verdict: 'aligned' }, note: 'kept' };
  expect((await nth(callers, 1).post(`/api/assignments/${taken}/label`, answers, keyed())).status).toBe(200);
  expect(await nth(callers, 0).post(`/api/assignments/${late}/label`, answers, keyed())).toMatchObject({
    status: 410,
    body: { error: { kind: 'too-late', kept: true } },
  });
  for (const act of ['undo', 'extend']) {
    expect(await nth(callers, 0).post(`/api/assignments/${late}/${act}`)).toMatchObject({
      status: 410,
      body: { error: { kind: 'too-late' } },
    });
  }
});

test('where there is nothing the reason is said, and when to ask again', async () => {
  const { id, callers } = await open({ items: 1, labellers: 2 });
  await nth(callers, 0).post(`/api/rounds/${id}/next`);
  const waiting = await nth(callers, 1).post(`/api/rounds/${id}/next`);
  expect(waiting).toMatchObject({ status: 200, body: { reason: 'all-leased', retryAfter: expect.any(Number) } });
  expect(await nth(callers, 1).post('/api/rounds/r-none/next')).toMatchObject({
    status: 404,
    body: { error: { kind: 'unknown-round' } },
  });
});

test('a completion of 200 kB is served whole', async () => {
  const long = 'ü'.repeat(100_000);
  const { id, callers } = await open({ completion: () => ({ role: 'assistant', content: long }) });
  const { body } = await nth(callers, 0).post(`/api/rounds/${id}/next`);
  expect(textAt(body, 'item', 'completion') === long).toBe(true);
});

test('nothing that a labeller is sent, nor the log, tells item, model, shard or place', async () => {
  const { id, items, callers } = await open({ items: 6, models: 2 });
  const anna = nth(callers, 0);
  const sent: string[] = [];
  const note = (answered: Answered) => {
    sent.push(answered.text, JSON.stringify([...answered.headers]));
    return answered;
  };
  for (let i = 0; i < 3; i += 1) {
    const lease = note(await anna.post(`/api/rounds/${id}/next`));
    note(await anna.get(`/api/rounds/${id}/assignments`));
    note(await anna.post(`/api/assignments/${idOf(lease)}/extend`));
    note(await anna.post(`/api/assignments/${idOf(lease)}/label`, { answers: { verdict: 'aligned' } }, keyed()));
    note(await anna.post(`/api/assignments/${idOf(lease)}/undo`));
    note(await anna.post(`/api/assignments/${idOf(lease)}/skip`, { code: 'broken' }));
  }
  const told = sent.join('\n') + site.log();
  for (const item of items) {
    for (const secret of [item.id, item.promptId, item.modelId]) expect(told).not.toContain(secret);
  }
  expect(told).not.toMatch(/"(shard|position|place|arm|variant|model|cursor|itemId)"/);
});

test('operators and researchers see a round; labellers do not', async () => {
  const { id, callers } = await open({ items: 3 });
  for (const role of ['operator', 'researcher', 'admin'] as const) {
    const person = await addPerson(here.db, { name: `${role} of ${id}`, roles: [role] });
    const caller = new Caller(site.url, await addToken(here.db, person.id));
    const shown = await caller.get(`/api/rounds/${id}`);
    expect(shown).toMatchObject({ status: 200, body: { roundId: id, items: { total: 3, open: 3 } } });
    expect((await caller.get('/api/rounds/r-none')).status).toBe(404);
    expect(await caller.post(`/api/rounds/${id}/next`)).toMatchObject({
      status: 403,
      body: { error: { kind: 'forbidden' } },
    });
  }
  expect(await nth(callers, 0).get(`/api/rounds/${id}`)).toMatchObject({
    status: 403,
    body: { error: { kind: 'forbidden' } },
  });
});
