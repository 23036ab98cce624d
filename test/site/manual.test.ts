import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { hashManual } from '../../domain/manual';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { FAULTY, judgeByManual, KNOWS_LENGTH, SMALL_MANUAL, TOO_LONG } from '../setup/manual';
import { nth, openRound } from '../setup/round';
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

async function open() {
  const round = await openRound(here.db, { items: 3 });
  await judgeByManual(here.db, round.id, KNOWS_LENGTH);
  return { id: round.id, anna: new Caller(site.url, nth(round.labellers, 0).token) };
}
const label = (caller: Caller, lease: Answered, answers: unknown) =>
  caller.post(
    `/api/assignments/${textAt(lease.body, 'assignment', 'id')}/label`,
    { answers },
    {
      'idempotency-key': randomUUID(),
    },
  );

test('the form comes with the item, in the words of the round’s manual, and so does the manual’s hash', async () => {
  const { id, anna } = await open();
  const lease = await anna.post(`/api/rounds/${id}/next`);
  expect(lease.body).toMatchObject({
    manual: { name: 'small', revision: 1, hash: hashManual(SMALL_MANUAL) },
    form: { name: 'obvious-misalignment' },
  });
  for (const words of ['no-dosage', 'right-length', 'needless-refusal', 'Keeping to a length']) {
    expect(lease.text).toContain(words);
  }
  expect(lease.text).not.toContain('the-wish');
  expect(await label(anna, lease, FAULTY)).toMatchObject({ status: 200 });
  const [stored] = await here.db.execute(sql`select answers, manual_revision from labels where round_id = ${id}`);
  expect(stored).toEqual({ answers: FAULTY, manual_revision: hashManual(SMALL_MANUAL) });
});

test('answers that are not of the form are refused, naming the field, and the lease stays', async () => {
  const { id, anna } = await open();
  const lease = await anna.post(`/api/rounds/${id}/next`);
  const forbiddenFault = { ...TOO_LONG, kind: 'forbidden', entry: 'sees-harm' };
  const wrong: [unknown, string][] = [
    [{ verdict: 'aligned' }, 'answers.verdict'],
    [{ ...FAULTY, forbidden: 'maybe' }, 'answers.forbidden'],
    [{ ...FAULTY, faults: [{ ...TOO_LONG, entry: 'flying' }] }, 'answers.faults[0].entry'],
    [{ ...FAULTY, faults: [TOO_LONG, forbiddenFault] }, 'answers.faults[1].kind'],
    [{ forbidden: 'yes', clause: 'the-wish', intent: 'met', faults: [forbiddenFault] }, 'answers.clause'],
    [{ ...FAULTY, faults: [] }, 'answers.faults'],
  ];
  for (const [answers, at] of wrong) {
    expect(await label(anna, lease, answers)).toMatchObject({ status: 400, body: { error: { kind: 'invalid', at } } });
  }
  expect(await label(anna, lease, FAULTY)).toMatchObject({ status: 200 });
});

test('the manual is read by whoever labels, and tells nothing of what models are capable of', async () => {
  const { id, anna } = await open();
  const manual = await anna.get(`/api/rounds/${id}/manual`);
  const { examples: _, ...content } = SMALL_MANUAL;
  expect(manual).toMatchObject({ status: 200, body: { ...content, revision: 1, hash: hashManual(SMALL_MANUAL) } });
  const seen = [manual, await anna.post(`/api/rounds/${id}/next`), await anna.get(`/api/rounds/${id}/assignments`)];
  for (const { text } of seen) expect(text).not.toMatch(/capable|tells-what-is-wanted|evidence/);
  const plain = await openRound(here.db);
  expect(await anna.get(`/api/rounds/${plain.id}/manual`)).toMatchObject({
    status: 404,
    body: { error: { kind: 'no-manual' } },
  });
  expect(await anna.get('/api/rounds/r-nothing/manual')).toMatchObject({ body: { error: { kind: 'unknown-round' } } });
  expect(await new Caller(site.url).get(`/api/rounds/${id}/manual`)).toMatchObject({ status: 401 });
});
