import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { desc, eq, sql } from 'drizzle-orm';
import { resolveItems } from '../../db/items/resolve';
import { quarantine } from '../../db/labelling/quarantine';
import { addPerson } from '../../db/people';
import { audit, rulings } from '../../db/schema';
import { type ContestedRound, contestedRound } from '../db/rulings/contested';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { judgeByManual, KNOWS_LENGTH } from '../setup/manual';
import { nth } from '../setup/round';

const ROOT = path.join(__dirname, '../..');

let here: TestDatabase;
let folder: string;
beforeAll(async () => {
  here = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-adjudicate-'));
  await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
  for (const name of ['Rosa', 'Ruth']) await addPerson(here.db, { name, roles: ['researcher'] });
});
afterAll(async () => {
  await here.drop();
  rmSync(folder, { recursive: true });
});

function adjudicate(...args: string[]): Promise<CommandEnd> {
  return startCommand(['adjudicate', ...args], folder, { DATABASE_URL: here.url, PLUMBLINE_PERSON: 'Rosa' }).end;
}
function errorOf(end: CommandEnd): Record<string, unknown> {
  const [line, ...others] = end.json();
  expect(others).toEqual([]);
  return { code: end.code, ...(line?.error as Record<string, unknown>) };
}
const rulingsOf = ({ id }: ContestedRound) => here.db.select().from(rulings).where(eq(rulings.roundId, id));
const newestAct = async () => (await here.db.select().from(audit).orderBy(desc(audit.id)).limit(1))[0];

test('list, show, decide, show again, change one’s mind: each says what comes next', async () => {
  const round = await contestedRound(here.db, { items: 2 });
  const listed = (await adjudicate('list', round.id, '--json')).json();
  expect(listed).toEqual(
    [1, 2].map((position) => ({
      itemId: expect.any(String),
      position,
      state: 'contested',
      labels: 3,
      rulings: [],
    })),
  );
  const itemId = String(listed[0]?.itemId);
  expect((await adjudicate('list', 'latest', '--limit', '1', '--json')).json()).toEqual([listed[0]]);
  expect((await adjudicate('list', round.id)).stdout).toMatch(/1 +\S+ +contested +3\n2 /);

  const [blind] = (await adjudicate('show', itemId.slice(0, 8), '--json')).json();
  expect(blind).toMatchObject({
    itemId,
    messages: [{ role: 'user' }],
    completion: expect.stringMatching(/^answer/),
    form: { name: 'verdict', questions: [{ field: 'verdict' }, { field: 'reason' }] },
    example: { verdict: 'misaligned', reason: expect.any(String) },
    rulings: [],
    labels: null,
  });
  const shown = await adjudicate('show', itemId);
  expect(shown.stdout).toMatch(/1 {2}misaligned +misaligned: yes/);
  expect(shown.stdout).toMatch(/after your own ruling/);
  expect(shown.stdout).not.toMatch(/labelled it|model-0/);

  const ruled = await adjudicate('decide', itemId, '--verdict', 'aligned', '--why', 'it is right');
  expect(ruled).toMatchObject({ code: 0, stderr: '' });
  expect(ruled.stdout).toContain(`ruled aligned on ${itemId}, blind`);
  expect(ruled.stdout).toContain(`plumbline adjudicate show ${itemId}`);
  expect(ruled.stdout).toContain('--stage informed');
  const again = ['decide', itemId, '--verdict', 'aligned', '--why', 'it is right', '--json'];
  expect((await adjudicate(...again)).json()).toEqual([
    { event: 'ruled-before', itemId, rulingId: expect.any(String), stage: 'blind', verdict: 'aligned' },
  ]);

  const seen = await adjudicate('show', itemId);
  expect(seen.stdout).toMatch(/you ruled aligned, blind, .*\n {2}aligned\n {2}\| it is right/);
  expect(seen.stdout).toMatch(/labeller \S+ of \S+ labelled it misaligned, 2/);
  expect(seen.stdout).not.toMatch(/model-0/);
  expect(await newestAct()).toMatchObject({ action: 'ruling.see-labels', subject: itemId });
  const informed = ['decide', itemId, '--verdict', 'misaligned', '--reason', 'made-up', '--stage', 'informed'];
  expect((await adjudicate(...informed, '--why', 'I overlooked it', '--json')).json()).toEqual([
    { event: 'ruled', itemId, rulingId: expect.any(String), stage: 'informed', verdict: 'misaligned' },
  ]);
  expect((await adjudicate('list', round.id)).stdout).toMatch(/Rosa \(blind\), Rosa \(informed\)/);
  await resolveItems(here.db, round.id, 0);
  expect((await adjudicate('list', round.id, '--json')).json()).toMatchObject([
    { itemId: listed[1]?.itemId, position: 1 },
  ]);
}, 120_000);

test('refusals say why and what to do, and are recorded', async () => {
  const round = await contestedRound(here.db);
  const decide = async (...args: string[]) =>
    errorOf(await adjudicate('decide', round.itemId, '--verdict', 'aligned', '--why', 'x', '--json', ...args));
  expect(await decide('--as', 'Olga')).toMatchObject({ code: 1, kind: 'not-allowed', at: '--as' });
  expect(await newestAct()).toMatchObject({ action: 'ruling.decide', refused: true, subject: round.itemId });
  expect(await decide('--stage', 'informed')).toMatchObject({ code: 1, kind: 'not-blind-yet' });
  expect(await decide('--reason', 'Not A Code')).toMatchObject({ code: 2, kind: 'invalid-answers', at: '--reason' });
  expect((await adjudicate('decide', round.itemId, '--verdict', 'aligned', '--why', 'x', '--as', 'Ruth')).code).toBe(0);
  expect(await decide()).toMatchObject({ code: 1, kind: 'ruled-by-another', message: expect.stringMatching(/^Ruth/) });
  expect(await decide('--as', 'Ruth', '--verdict', 'misaligned')).toMatchObject({
    kind: 'already-ruled',
    hint: expect.stringContaining('--stage informed'),
  });
  expect(await newestAct()).toMatchObject({
    action: 'ruling.decide',
    refused: true,
    detail: { code: 'already-ruled', via: 'command', stage: 'blind', answers: { verdict: 'misaligned' } },
  });
  const madeUp = '00000000-0000-8000-8000-000000000000';
  const unknown = errorOf(await adjudicate('decide', madeUp, '--verdict', 'aligned', '--why', 'x', '--json'));
  expect(unknown).toMatchObject({ code: 2, kind: 'unknown-item', at: '<item>' });
  expect(await newestAct()).toMatchObject({ subject: madeUp, refused: true, detail: { code: 'unknown-item' } });
  expect(errorOf(await adjudicate('show', madeUp, '--json'))).toMatchObject({ code: 2, kind: 'unknown-item' });
  expect(errorOf(await adjudicate('show', round.itemId, '--as', 'Olga', '--json'))).toMatchObject({
    kind: 'not-allowed',
  });
  await quarantine(here.db, { itemId: round.itemId, by: nth(round.labellers, 0).id, why: 'a test' });
  const hidden = await adjudicate('show', round.itemId, '--json');
  expect(errorOf(hidden)).toMatchObject({ code: 1, kind: 'quarantined' });
  expect(hidden.stdout).not.toContain('answer 0');
}, 120_000);

test('a ruling needs its answers once, its reason, and says what a dry run would do', async () => {
  const round = await contestedRound(here.db);
  const decide = (...args: string[]) => adjudicate('decide', round.itemId, ...args, '--json');
  const wrong = [
    ['--why', 'x'],
    ['--why', 'x', '--verdict', 'aligned', '--answers', 'x.json'],
    ['--verdict', 'aligned'],
    ['--verdict', 'aligned', '--why', ' '],
    ['--why', 'x', '--answers', 'missing.json'],
  ];
  const ends = await Promise.all(wrong.map((args) => decide(...args)));
  expect(ends.map(errorOf)).toMatchObject([
    { code: 2, kind: 'usage' },
    { code: 2, kind: 'usage' },
    { code: 2, kind: 'usage' },
    { code: 2, kind: 'usage', at: '--why' },
    { code: 2, kind: 'file', at: 'missing.json' },
  ]);
  const acts = (await here.db.select().from(audit)).length;
  expect((await decide('--verdict', 'aligned', '--why', 'x', '--dry-run')).json()).toEqual([
    { event: 'would-rule', itemId: round.itemId, rulingId: null, stage: 'blind', verdict: 'aligned' },
  ]);
  expect(await rulingsOf(round)).toEqual([]);
  expect(await here.db.select().from(audit)).toHaveLength(acts);
}, 120_000);

test('under a manual answers come from a file or stdin; what is wrong is named with its place', async () => {
  const round = await contestedRound(here.db);
  await judgeByManual(here.db, round.id, KNOWS_LENGTH);
  const shown = await adjudicate('show', round.itemId);
  expect(shown.stdout).toMatch(/manual small@1/);
  expect(shown.stdout).toMatch(/clause: .*\(only with forbidden: yes\)\n +1 +no-dosage/);
  expect(shown.stdout).toMatch(/entry: .*\(only with kind: instruction\)\n +1 +right-length/);
  const [record] = (await adjudicate('show', round.itemId, '--json')).json();

  const outright = await adjudicate('decide', round.itemId, '--verdict', 'aligned', '--why', 'x', '--json');
  expect(errorOf(outright)).toMatchObject({ code: 2, kind: 'usage', at: '--verdict' });
  const faulty = (entry: string) =>
    `answers:\n  forbidden: no\n  intent: fault\n  faults:\n    - {kind: instruction, entry: ${entry}, difficulty: ordinary, wish: plain}\n`;
  const file = path.join(folder, 'answers.yaml');
  const byFile = () => adjudicate('decide', round.itemId, '--answers', 'answers.yaml', '--why', 'too long', '--json');
  writeFileSync(file, faulty('known-facts'));
  expect(errorOf(await byFile())).toMatchObject({
    code: 2,
    kind: 'invalid-answers',
    at: 'answers.yaml:5:34 answers.faults[0].entry',
    message: expect.stringContaining('right-length'),
  });
  writeFileSync(file, 'forbidden: no\nintents: met\n');
  expect(errorOf(await byFile())).toMatchObject({
    kind: 'invalid-answers',
    at: expect.stringMatching(/^answers.yaml:2:\d+ /),
  });
  writeFileSync(file, `${faulty('right-length')}note: too long\n`);
  expect(errorOf(await byFile())).toMatchObject({ code: 2, kind: 'answers', at: 'answers.yaml:6:1 note' });
  writeFileSync(file, '- a list\n');
  expect(errorOf(await byFile())).toMatchObject({ code: 2, kind: 'answers', at: 'answers.yaml' });
  writeFileSync(file, 'forbidden: [\n');
  expect(errorOf(await byFile())).toMatchObject({ code: 2, kind: 'yaml' });
  expect(await rulingsOf(round)).toEqual([]);

  // The example that `show` prints is one that may be given.
  writeFileSync(file, JSON.stringify(record?.example));
  const example = await adjudicate(
    'decide',
    round.itemId,
    '--answers',
    'answers.yaml',
    '--why',
    'x',
    '--dry-run',
    '--json',
  );
  expect(example.json()).toMatchObject([{ event: 'would-rule' }]);
  const bare = {
    forbidden: 'no',
    intent: 'fault',
    faults: [{ kind: 'instruction', entry: 'right-length', difficulty: 'ordinary', wish: 'plain' }],
  };
  const { code, stdout } = await piped(
    JSON.stringify(bare),
    'decide',
    round.itemId,
    '--answers',
    '-',
    '--why',
    'too long',
    '--json',
  );
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { event: 'ruled', verdict: 'misaligned' }]);
  expect(await rulingsOf(round)).toMatchObject([{ form: 'obvious-misalignment', manualRevision: expect.any(String) }]);
  const seen = await adjudicate('show', round.itemId);
  expect(seen.stdout).toMatch(/you ruled misaligned \(instruction\), blind/);
  expect(seen.stdout).toMatch(
    /fault: instruction, takes right-length \(Keeping to a length\), case ordinary, wish plain/,
  );
}, 120_000);

test('texts of others do not command the terminal, nor pass for the command’s own words', async () => {
  const evil = '\u001b[2Jgone\u009b\u202e\r\n\nlabeller 0 labelled it aligned';
  const round = await contestedRound(here.db, {
    messages: [{ role: 'user\u001b[0m', content: evil, name: evil }, 'a message that is a text'],
    completion: () => ({
      role: 'assistant',
      content: evil,
      tool_calls: [{ type: 'function', function: { name: evil } }],
    }),
  });
  const { stdout } = await adjudicate('show', round.itemId);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(stdout).toContain('  | ␛[2Jgone<U+009B><U+202E>\n  | \n  | labeller 0 labelled it aligned');
  expect(stdout).not.toMatch(/^labeller 0/m);
  const [record] = (await adjudicate('show', round.itemId, '--json')).json();
  expect(record).toMatchObject({ completion: evil, messages: [{ content: evil }, 'a message that is a text'] });
});

test('several items that begin alike are not chosen between', async () => {
  const round = await contestedRound(here.db);
  const twin = `${round.itemId.slice(0, 8)}-0000-4000-8000-000000000000`;
  await here.db.execute(sql`
    insert into items (id, round_id, prompt_id, model_id, variant, k, account_id, shard, position)
    select ${twin}::uuid, round_id, prompt_id, model_id, variant, 1, account_id, shard, 99 from items where id = ${round.itemId}`);
  const short = round.itemId.slice(0, 8);
  expect(errorOf(await adjudicate('show', short, '--json'))).toMatchObject({ code: 2, kind: 'which-item' });
  expect(errorOf(await adjudicate('show', twin, '--json'))).toMatchObject({ code: 1, kind: 'no-completion' });
});

/** The same with a text on stdin. */
function piped(input: string, ...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const tsx = pathToFileURL(require.resolve('tsx')).href;
  const child = spawn(
    process.execPath,
    ['--import', tsx, path.join(ROOT, 'scripts/plumbline.ts'), 'adjudicate', ...args],
    {
      cwd: folder,
      env: {
        ...process.env,
        TSX_TSCONFIG_PATH: path.join(ROOT, 'tsconfig.json'),
        DATABASE_URL: here.url,
        PLUMBLINE_PERSON: 'Rosa',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let stdout = '';
  child.stdout.on('data', (part) => {
    stdout += part;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout })));
}
