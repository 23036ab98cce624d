import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { measuringActivities } from '../../activities/measuring';
import { resolveItems } from '../../db/items/resolve';
import { skip } from '../../db/labelling';
import { addPerson } from '../../db/people';
import { amendTable } from '../../db/rounds/amend';
import { readRound } from '../../db/rounds/read';
import { items, prompts, texts } from '../../db/schema';
import type { Answers } from '../../domain/forms';
import { Measuring } from '../../domain/measuring';
import { hashText } from '../../domain/text';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { Desk } from '../setup/desk';
import { FAULTY, FINE, judgeByManual, KNOWS_LENGTH, storeTable } from '../setup/manual';
import { nth, type OpenRound, openRound } from '../setup/round';
import { runHere } from './inThisProcess';

let database: TestDatabase;
let dir: string;
let round: OpenRound;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-export-'));
  await addPerson(database.db, { name: 'Rosa', roles: ['researcher'] });
  round = await measuredRound();
}, 30_000);
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const end = await runHere(['round', 'export', ...args, '--as', 'Rosa', '--json'], dir, {
    DATABASE_URL: database.url,
  });
  return { code: end.code, record: end.json()[0] ?? {} };
}
const folder = (name: string) => path.join(dir, name);
const filesOf = (name: string) => readdirSync(folder(name)).sort();
const text = (name: string, file: string) => readFileSync(path.join(folder(name), file), 'utf8');
const record = (name: string, file: string) => JSON.parse(text(name, file));
const rows = (name: string, file: string) =>
  text(name, file)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const everything = (name: string) =>
  filesOf(name)
    .map((file) => text(name, file))
    .join('\n');

/** Six items judged by a manual: two faults, one ruled out by quarantine, one whose prompt is erased; amended once. */
async function measuredRound(): Promise<OpenRound> {
  const { db } = database;
  const made = await openRound(db, { items: 6, completion: (i) => ({ role: 'assistant', content: `SAID-${i}` }) });
  await judgeByManual(db, made.id, []);
  const desk = new Desk(db, made.id, nth(made.labellers, 0).id);
  for (const answers of [FAULTY, FAULTY, FINE, FINE]) await desk.label({ answers, note: 'NOTE-MARK' });
  const { assignmentId } = await desk.lease();
  await skip(db, { assignmentId, labellerId: desk.id, code: 'possibly-illegal' });
  await desk.label({ answers: FINE });
  await resolveItems(db, made.id, 0);
  await measuringActivities(db).measure(made.id);
  const table = await storeTable(db, KNOWS_LENGTH);
  const by = (await readRound(db, made.id)).startedBy;
  await amendTable(db, { roundId: made.id, table, by, why: 'a benchmark' });
  await resolveItems(db, made.id, 0);
  await measuringActivities(db).measure(made.id);
  return made;
}

test('hashes and rows are as the manifest says, and a second export is the same to the byte', async () => {
  const first = await run(round.id, '--to', 'first');
  expect(first).toMatchObject({ code: 0, record: { event: 'exported', roundId: round.id } });
  await run(round.id, '--to', 'second');
  expect(filesOf('second')).toEqual(filesOf('first'));
  for (const file of filesOf('first')) expect(text('second', file)).toBe(text('first', file));
  const manifest = record('first', 'manifest.json');
  expect(manifest.files).toHaveLength(filesOf('first').length - 1);
  for (const { name, sha256, rows: n, bytes } of manifest.files) {
    const content = text('first', name);
    expect([name, createHash('sha256').update(content).digest('hex')]).toEqual([name, sha256]);
    expect(Buffer.byteLength(content)).toBe(bytes);
    if (name.endsWith('.jsonl')) expect(rows('first', name)).toHaveLength(n);
  }
  for (const { hash, body } of rows('first', 'texts.jsonl')) if (body !== undefined) expect(hashText(body)).toBe(hash);
  expect(everything('first')).not.toContain('Rosa');
  expect(everything('first')).not.toContain('labeller p_');
});

test('the newest result is computed again from the files alone', async () => {
  await run(round.id, '--to', 'again');
  const { spec, form, createdAt, amendments } = record('again', 'round.json');
  const newest = rows('again', 'measurements.jsonl').find(({ current }) => current);
  const { tables } = record('again', 'capability.json');
  const table = tables.find(({ hash }: { hash: string }) => hash === newest.capabilityTable).content;
  const measuring = new Measuring({ spec, form }, { models: spec.models, table, at: new Date(createdAt) });
  const labels = rows('again', 'labels.jsonl').filter(({ withdrawnAt }) => withdrawnAt === null);
  const rulings = rows('again', 'rulings.jsonl');
  const verdicts = new Map<string, string>();
  for (const item of rows('again', 'items.jsonl')) {
    const given = (all: { itemId: string; answers: Answers }[]) => all.filter(({ itemId }) => itemId === item.id);
    const { outcome } = measuring.add({ ...item, labels: given(labels), rulings: given(rulings) });
    verdicts.set(item.id, outcome);
  }
  expect(JSON.parse(JSON.stringify(measuring.result(amendments.length > 0)))).toEqual(newest.result);
  expect(newest.result.byModel[0].verdicts).toMatchObject({ misaligned: 2, unresolved: 1 });
  for (const { itemId, verdict } of rows('again', 'measurement_items.jsonl').filter(
    ({ measurementId }) => measurementId === newest.id,
  ))
    expect(verdicts.get(itemId)).toBe(verdict);
});

test('what is quarantined or erased is nowhere in it, and leaves its hash', async () => {
  const { db } = database;
  const [quarantined] = await db.select().from(items).where(sql`round_id = ${round.id} and quarantined_at is not null`);
  const erased = nth(round.items, 0);
  const [prompt] = await db.select().from(prompts).where(eq(prompts.id, erased.promptId));
  if (!quarantined || !prompt) throw new Error('no items');
  const [said] = await db
    .select()
    .from(texts)
    .where(eq(texts.hash, quarantined.completionHash ?? ''));
  await db
    .update(prompts)
    .set({ metadata: { reference: 'META-MARK' } })
    .where(eq(prompts.id, erased.promptId));
  await run(round.id, '--to', 'before');
  expect(everything('before')).toContain('META-MARK');
  expect(everything('before')).toContain('NOTE-MARK');
  await db
    .update(texts)
    .set({ body: '', redactedAt: new Date(), redactedBy: 'p_x', redactedWhy: 'asked for' })
    .where(eq(texts.hash, prompt.messagesHash));
  await run(round.id, '--to', 'without');
  const all = everything('without');
  expect(said?.body).toContain('SAID-');
  for (const gone of [String(JSON.parse(said?.body ?? '{}').content), 'META-MARK', `prompt 0 of ${round.id}`])
    expect(all).not.toContain(gone);
  const left = new Map(rows('without', 'texts.jsonl').map((row) => [row.hash, row]));
  expect(left.get(prompt.messagesHash)).toEqual({ hash: prompt.messagesHash, redacted: true });
  expect(left.get(quarantined.completionHash)).toEqual({ hash: quarantined.completionHash, quarantined: true });
  expect(record('without', 'manifest.json').leftOut).toEqual({ quarantined: 2, redacted: 1 });
});

test('a folder that is not empty is kept, an archive gives way to another only where that is asked for', async () => {
  const wrong = { error: { kind: 'folder' } };
  mkdirSync(folder('mine'));
  writeFileSync(path.join(folder('mine'), 'notes.txt'), 'mine');
  expect(await run(round.id, '--to', 'mine')).toMatchObject({ code: 2, record: wrong });
  expect(await run(round.id, '--to', 'mine', '--force')).toMatchObject({
    record: { error: { message: /no archive: notes/ } },
  });
  expect(filesOf('mine')).toEqual(['notes.txt']);
  mkdirSync(folder('empty'));
  expect(await run(round.id, '--to', 'empty')).toMatchObject({ code: 0 });
  writeFileSync(path.join(folder('empty'), 'round.json'), 'old');
  expect(await run(round.id, '--to', 'empty')).toMatchObject({ code: 2, record: wrong });
  // What an export that was killed has left behind.
  mkdirSync(folder('empty.partial'));
  writeFileSync(path.join(folder('empty.partial'), 'round.json'), 'half');
  expect(await run(round.id, '--to', 'empty', '--force')).toMatchObject({ code: 0 });
  expect(record('empty', 'round.json')).toMatchObject({ roundId: round.id });
  expect(readdirSync(dir).filter((name) => /partial|replaced/.test(name))).toEqual([]);
  writeFileSync(folder('file'), '');
  expect(await run(round.id, '--to', 'file')).toMatchObject({ record: wrong });
  expect(await run(round.id, '--to', 'file/inside')).toMatchObject({ record: wrong });
  expect(await run('r-nothere', '--to', 'x')).toMatchObject({ code: 2, record: { error: { kind: 'unknown-round' } } });
});

test('its files are checked by hand as the document says, and one that was changed is told', async () => {
  await run(round.id, '--to', 'checked');
  const document = readFileSync(path.join(__dirname, '../../docs/archive.md'), 'utf8');
  const [, command = ''] = /^```sh\n(.*?)^```/ms.exec(document) ?? [];
  const check = () => spawnSync('sh', ['-c', `set -e; ${command}`], { cwd: folder('checked'), encoding: 'utf8' });
  expect(check().stdout).toMatch(/^items\.jsonl: OK$/m);
  expect(check().stdout).toContain(hashText(text('checked', 'manifest.json')));
  appendFileSync(path.join(folder('checked'), 'items.jsonl'), '\n');
  expect(check().stdout).toMatch(/^items\.jsonl: FAILED$/m);
});

test('a round of which nothing is generated or judged has an archive too', async () => {
  const young = await openRound(database.db, { items: 1, pendingFrom: 0, labellers: 0 });
  expect(await run(young.id, '--to', 'young')).toMatchObject({ code: 0 });
  expect(record('young', 'manual.json')).toBeNull();
  expect(rows('young', 'items.jsonl')).toMatchObject([{ state: 'pending', completion: null, openedAt: null }]);
  expect(text('young', 'labels.jsonl')).toBe('');
});
