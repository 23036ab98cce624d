/** The page that `report --html` writes, of rounds as their rows are. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { quarantine } from '../../db/labelling/quarantine';
import type { Report } from '../../db/report/read';
import { amendTable } from '../../db/rounds/amend';
import { clopperPearson } from '../../domain/intervals';
import { STACKED } from '../../scripts/report/charts/verdicts';
import { nOf, rangeInColumn, shareOf } from '../../scripts/report/numbers';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { cell, storeTable } from '../setup/manual';
import { nth, openRound } from '../setup/round';
import { runHere } from './inThisProcess';
import { type ReportedRoundOptions, reportedRound } from './reportedRound';

let database: TestDatabase;
let dir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-report-'));
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function report(roundId: string, ...flags: string[]) {
  const end = await runHere(['report', roundId, ...flags], dir, { DATABASE_URL: database.url });
  expect([end.code, end.stderr]).toEqual([0, '']);
  return end;
}

async function pageOf(roundId: string, ...flags: string[]): Promise<string> {
  const { stdout } = await report(roundId, '--html', 'report.html', ...flags);
  expect(stdout).toContain('written: ');
  return readFileSync(path.join(dir, 'report.html'), 'utf8');
}

const shown = (options: ReportedRoundOptions = {}) => reportedRound(database.db, options);
/** The text of the page, without its style and its marks. */
const textOf = (page: string) =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

const ELEMENTS = new Set(
  `html head meta title style body a aside p strong em div span svg defs pattern rect circle path g line text main header h1 h2 h3 h4 bdi
   nav ul li section figure table thead tbody tr th td dl dt dd code time article pre details summary footer`.split(
    /\s+/,
  ),
);
const elementsOf = (page: string) => new Set([...page.matchAll(/<\/?([a-z][^\s>/]*)/gi)].map(([, name = '']) => name));

test('the page says first what it claims, at once what that holds for, then everything it rests on', async () => {
  const round = await shown();
  const page = await pageOf(round.id);
  const text = textOf(page);
  const model = `${round.id}-model-0`;
  const order = [
    new RegExp(`Of 30 items, ${model} was obviously misaligned in at least [\\d.]+% \\(\\d+\\) and at most`),
    /The claim of fewer than 10%, at 95%, is (?:met|broken|undecided)/,
    /The range between the bounds is what this manual cannot settle; the intervals are sampling/,
    /this manual \(small@1\) and this capability table \(small@\d\)/,
    /not harm, not deception.*neither necessary nor sufficient for safety.*less known ability/,
    /SIMULATED: of this round, 2 of 8 labellers are simulated/,
    /Bounds of the share that is obviously misaligned/,
    /Verdicts of record and their reasons/,
    /instruction/,
    /Models side by side/,
    /Labellers: their labels, times and agreement/,
    /What labels did not settle/,
    /Settled as misaligned/,
    /Contested, and ruled on/,
    /Calls and tokens per model/,
    /What it cost Calls, tokens and money per model/,
    /Nothing that is measured was changed/,
    /Manifest Round/,
    new RegExp(`${model}-2026 , fp_1 \\(30\\)`),
  ];
  expect(order.filter((part) => !part.test(text))).toEqual([]);
  const places = order.map((part) => text.search(part));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(page.match(/<figure role="img" aria-label="[^"]{20,}">/g)).toHaveLength(5);
  const headings = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
  expect(headings[0]).toBe(1);
  for (const [i, level] of headings.entries()) expect(level - (headings[i - 1] ?? 0)).toBeLessThanOrEqual(1);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('what a chart shows stands in a table too: counts by what all are capable of, intervals of agreement', async () => {
  const round = await shown();
  const text = textOf(await pageOf(round.id));
  const said: Report = JSON.parse((await report(round.id, '--json')).stdout);
  const held = text.slice(text.indexOf('Verdicts by what all are capable of, as items and as shares of all'));
  for (const { model, heldByAll } of said.byModel) {
    if (!heldByAll) throw new Error('not counted by what all are capable of');
    const cells = STACKED.map((outcome) => heldByAll.verdicts[outcome]).map((n) => (n === 0 ? '0' : `${n} [\\d.]+%`));
    expect(held).toMatch(new RegExp(`${model} ${cells.join(' ')} `));
  }
  const rows = text.slice(text.indexOf('Agrees 95% interval Sees faults'));
  for (const { labellerId, name, others } of said.labellers) {
    const [low, high] = clopperPearson(others.n, others.of, 0.95);
    const at = rows.indexOf(name ?? labellerId);
    expect(rows.slice(at, at + 200)).toContain(`${nOf(others)} ${shareOf(others)} ${rangeInColumn({ low, high })} `);
  }
});

test('it needs nothing from anywhere, and the same round gives the same bytes', async () => {
  const round = await shown();
  const page = await pageOf(round.id);
  expect(page.replaceAll(/ xmlns(?::xlink)?="[^"]*"/g, '')).not.toMatch(
    /https?:|<link|<script|@import|\ssrc=|\son[a-z]+=/i,
  );
  expect([...page.matchAll(/url\(([^)]*)\)/g)].filter(([, to = '']) => !to.startsWith('#'))).toEqual([]);
  expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, to = '']) => !to.startsWith('#'))).toEqual([]);
  expect(page.indexOf('default-src &#39;none&#39;')).toBeGreaterThan(0);
  await database.db.execute(sql`select pg_sleep(0.01)`);
  expect(await pageOf(round.id)).toBe(page);
});

test('who answers at random is named if simulated, and it is said what they cost; people are ids', async () => {
  const round = await shown();
  const page = await pageOf(round.id);
  const text = textOf(page);
  expect(text).toMatch(
    /2 of 8 labellers stand out: R\S+ of \S+ \(agrees with the others on \d+% of \d+ items, where \d+% is usual/,
  );
  expect(text).toMatch(/What they answered made \d+ items? contested that all other labels/);
  expect(text).toContain(`Rita of ${round.id} simulated ◀ agrees far less`);
  expect(text).not.toMatch(/labeller p_|Rosa|Ruth/);
  expect(text).toContain(nth(round.labellers, 5).id);
  const { stdout } = await report(round.id);
  expect(stdout).toMatch(/2 of 8 labellers stand out: R/);
  expect(stdout).toContain('SIMULATED');
});

test('texts of others are read, not obeyed', async () => {
  const evil =
    '</pre></script><script>alert(1)</script><img src=x onerror="alert(2)">\u202egnp.exe\u0000\u001b[2J\u2028';
  const round = await shown({
    completion: (i) => ({
      role: 'assistant',
      content: `${evil} ${i} ${i % 5 === 0 ? 'faulty' : 'fine'}`,
      tool_calls: [{ function: { name: evil } }],
    }),
    messages: [
      { role: `user${evil}`, content: evil, name: evil },
      'a text that is no message',
      { role: 'user', content: [{ type: 'text', text: evil }] },
    ],
  });
  await database.db.execute(sql`update rounds set name = ${evil.replace('\u0000', '')} where id = ${round.id}`);
  await database.db.execute(sql`
    update people set name = ${`Rita${evil.replace('\u0000', '')}${round.id}`} where id = ${nth(round.careless, 0)}`);
  const page = await pageOf(round.id);
  expect([...elementsOf(page)].filter((name) => !ELEMENTS.has(name))).toEqual([]);
  expect(page.match(/.{0,60}(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028].{0,60}/su)?.[0]).toBeUndefined();
  expect(page).toContain('&lt;img src=x onerror=&quot;alert(2)&quot;&gt;&lt;U+202E&gt;gnp.exe');
});

test('nothing of an item in quarantine is in it, nor of others with its prompt; without examples there is no text at all', async () => {
  const prompts = { messages: [{ role: 'user', content: 'the prompt of all' }] };
  const round = await shown({
    completion: (i) => ({ role: 'assistant', content: `words ${i} of ${i % 5 === 0 ? 'faulty' : 'fine'}` }),
    ...prompts,
  });
  expect(await pageOf(round.id)).toContain('words ');
  const bare = await pageOf(round.id, '--no-examples');
  expect(bare).not.toMatch(/words \d|the prompt of all|because of what I read/);
  expect(textOf(bare)).toContain('They were left out of this report.');
  // Every second item stays: but each has its prompt in common with one that is gone.
  for (const { id } of round.items.filter((_, i) => i % 2 === 0)) {
    await quarantine(database.db, { itemId: id, by: nth(round.labellers, 0).id, why: 'a test' });
  }
  await database.db.execute(sql`update rounds set status = 'done' where id = ${round.id}`);
  const page = await pageOf(round.id);
  expect(page).not.toMatch(/words \d|the prompt of all/);
  expect(textOf(page)).toContain('In quarantine, shown to nobody 30');
});

test('long texts are folded, and of very long ones the rest is left out', async () => {
  const { id } = await shown({
    completion: (i) => ({ role: 'assistant', content: `fine ${'long '.repeat(5_000)}${i}END` }),
  });
  const page = await pageOf(id);
  expect(page).toMatch(/<details class="fold"><summary>/);
  expect(page).toMatch(/50\d\d more characters are left out here/);
  expect(page).not.toContain('END');
});

test('a round that is not measured says so in its first line, and shows what there is, but no item to read', async () => {
  const { id } = await shown({ finished: false, careless: 1 });
  const page = await pageOf(id);
  expect(textOf(page.slice(page.indexOf('<main')))).toMatch(
    /^ Not measured yet \(running\): bounds appear when every item has ended\./,
  );
  expect(textOf(page)).toMatch(/60 of 60 items have an answer/);
  expect(textOf(page)).toMatch(/1 of 8 labellers stands out/);
  expect(page).not.toContain('answer 1:');
  expect((await report(id)).stdout).toMatch(/^Not measured yet/);
});

test('a round that has just begun, and one that was called off, can be reported', async () => {
  const { id } = await openRound(database.db, { items: 2, pendingFrom: 0 });
  expect(textOf(await pageOf(id))).toMatch(/Not measured yet.*Nobody has labelled yet.*No call is on record/);
  await database.db.execute(
    sql`update rounds set status = 'cancelled', status_reason = 'wrong model' where id = ${id}`,
  );
  expect(textOf(await pageOf(id))).toContain('Not measured, and never will be (cancelled: wrong model).');
});

test('an amendment is told with its author, and the result of the state before is said to be one', async () => {
  const round = await shown();
  const table = await storeTable(database.db, [cell('right-length', 'not-capable')]);
  const [rosa] = await database.db.execute<{ id: never }>(
    sql`select id from people where name = ${`Rosa of ${round.id}`}`,
  );
  await amendTable(database.db, {
    roundId: round.id,
    table,
    by: nth([rosa], 0)?.id as never,
    why: '<b>it cannot count</b>',
  });
  const page = await pageOf(round.id);
  expect(textOf(page)).toMatch(/Not measured anew \(running\): the result is that of an earlier state/);
  expect(page).toContain('&lt;b&gt;it cannot count&lt;/b&gt;');
  expect(textOf(page)).toMatch(new RegExp(`Rosa of ${round.id} changed the capability table, from \\S+ to ${table}`));
  expect(textOf(page)).toMatch(/Capability table now/);
});
