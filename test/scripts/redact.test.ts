/** Redaction by command: what it tells, what it refuses, and that what was erased does not come back with a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import { quarantine } from '../../db/labelling';
import { addPerson, inviteLabeller } from '../../db/people';
import { audit, items, texts } from '../../db/schema';
import { canonicalJson, hashText } from '../../domain/text';
import { repeatedLines } from '../../scripts/redaction/words';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { Desk } from '../setup/desk';
import { nth, openRound } from '../setup/round';
import { runHere } from './inThisProcess';

let here: TestDatabase;
let folder: string;
beforeAll(async () => {
  here = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-redact-'));
  await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
  await addPerson(here.db, { name: 'Rita', roles: ['researcher'] });
  await addPerson(here.db, { name: 'Adam', roles: ['admin'] });
});
afterAll(async () => {
  await here.drop();
  rmSync(folder, { recursive: true });
});

const plumbline = (...args: string[]) =>
  runHere(args, folder, {
    DATABASE_URL: here.url,
    PLUMBLINE_PERSON: 'Olga',
    OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
    OPENAI_API_KEY: 'k',
  });
const errorOf = (end: Awaited<ReturnType<typeof plumbline>>) => Object(end.json()[0]?.error);
const SAID = 'call me at the number that I gave you';

test('an item’s id lists its texts and erases nothing; a hash is told of first, then erased for good', async () => {
  const round = await openRound(here.db, { items: 1, messages: [{ role: 'user', content: SAID }] });
  const { id } = nth(round.items, 0);
  const [listed] = (await plumbline('redact', id, '--why', 'x', '--json')).json();
  const hash = hashText(canonicalJson([{ role: 'user', content: SAID }]));
  expect(listed).toMatchObject({
    event: 'texts',
    itemId: id,
    texts: [
      { what: 'prompt', hash, redacted: false },
      { what: 'completion', hash: expect.any(String), redacted: false },
    ],
  });
  const dry = await plumbline('redact', hash.slice(0, 8), '--dry-run');
  expect(dry.stdout).toContain('the messages of 1 prompt');
  expect(dry.stdout).toContain('its words were found nowhere else');
  expect(dry.stdout).toMatch(/looked for were .* in texts, .* not in names, reasons of acts and settings/);
  expect(dry.stdout).not.toContain(SAID);
  const [unsaid, refused] = [
    await plumbline('redact', hash, '--json'),
    await plumbline('redact', hash, '--as', 'Rita', '--json'),
  ];
  expect([unsaid.code, errorOf(unsaid).at, errorOf(refused).kind]).toEqual([2, '--why', 'not-allowed']);
  expect((await here.db.select().from(texts).where(eq(texts.hash, hash)))[0]?.redactedAt).toBeNull();

  const done = await plumbline('redact', hash.slice(0, 12), '--why', 'asked for', '--json');
  expect(done.json()[0]).toEqual({ event: 'redacted', hash, items: 1, unfinished: 1, prompts: 1 });
  const again = await plumbline('redact', hash, '--why', 'another', '--json');
  expect(again.json()[0]).toMatchObject({ event: 'already-redacted', why: 'asked for' });
});

test('where words stand is told as far as it was counted, and no further', () => {
  const beside = { metadata: 1, answers: 1_000, lateAnswers: 2, rulings: 0, manuals: 1, capabilityTables: 0 };
  const texts = { hashes: ['a'], more: true };
  expect(repeatedLines({ texts, beside: { ...beside, specs: 3, schedules: 0 } })).toEqual([
    'its words stand in more than 1 other stored texts too, each to be redacted by its own hash:',
    '  a',
    'its words stand in what the files said beside 1 other prompt',
    'its words stand in the answers of 1000 labels or more',
    'its words stand in the answers of 2 labels too late to count',
    'its words stand in 1 manual revision',
    'its words stand in the specs of 3 rounds',
    'what does not stand in a text has no hash, and is not redacted with it',
    expect.stringMatching(/^looked for were /),
  ]);
});

test('what is no hash is refused, and a text that was pasted instead stands nowhere', async () => {
  const pasted = 'my secret words';
  const ends = [
    await plumbline('redact', pasted, '--why', 'x', '--json'),
    await plumbline('redact', pasted, '--why', 'x', '--as', 'Rita', '--json'),
    await plumbline('redact', '0123456', '--why', 'x', '--json'),
    await plumbline('redact', '00000000-0000-4000-8000-000000000000', '--json'),
  ];
  expect(ends.map(({ code }) => code)).toEqual([2, 1, 2, 2]);
  for (const { stdout, stderr } of ends) expect(stdout + stderr).not.toContain(pasted);
  expect(JSON.stringify(await here.db.select().from(audit))).not.toContain(pasted);
});

test('what was redacted is shown as such in quarantine and to researchers', async () => {
  const round = await openRound(here.db, { items: 1, messages: [{ role: 'user', content: 'quarantined words' }] });
  const { id } = nth(round.items, 0);
  await new Desk(here.db, round.id, nth(round.labellers, 0).id).label();
  await quarantine(here.db, { itemId: id, by: nth(round.labellers, 0).id, why: 'may be illegal' });
  const hash = hashText(canonicalJson([{ role: 'user', content: 'quarantined words' }]));
  await plumbline('redact', hash, '--why', 'it was', '--json');
  const shown = await plumbline('quarantine', 'show', id, '--as', 'Adam', '--json');
  expect(shown.json()[0]).toMatchObject({ messages: [{ role: 'user', content: '[redacted: it was]' }] });
  await here.db.update(items).set({ quarantinedAt: null }).where(eq(items.id, id));
  expect(errorOf(await plumbline('adjudicate', 'show', id, '--as', 'Rita', '--json')).kind).toBe('redacted');
});

test('a file that has it again is refused at the start, naming the prompt; so is the set that was stored with it', async () => {
  const line = (id: string, content: string) => JSON.stringify({ id, messages: [{ role: 'user', content }] });
  const write = (name: string, ...lines: string[]) => writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
  const start = (prompts: string, ...more: string[]) => {
    writeFileSync(path.join(folder, 'round.yaml'), JSON.stringify({ prompts, models: ['small'], overlap: 1 }));
    return plumbline('round', 'start', 'round.yaml', '--json', ...more);
  };
  await inviteLabeller(here.db, { name: 'Ada', kind: 'human', groups: [], holds: [] });
  write('first.jsonl', line('a', 'harmless'), line('told', 'a thing that somebody told'));
  expect((await start('first.jsonl')).code).toBe(0);
  const hash = hashText(canonicalJson([{ role: 'user', content: 'a thing that somebody told' }]));
  await plumbline('redact', hash, '--why', 'asked for', '--json');
  write('second.jsonl', line('b', 'other'), line('once-more', 'a thing that somebody told'));
  for (const end of [
    await start('second.jsonl'),
    await start('second.jsonl', '--dry-run'),
    await start('first.jsonl'),
  ]) {
    expect(end.code).not.toBe(0);
    expect(end.stdout + end.stderr).not.toContain('a thing that');
    expect(errorOf(end)).toMatchObject({
      kind: 'redacted',
      at: 'prompts',
      message: expect.stringMatching(/: (once-more|told)$/),
    });
  }
});
