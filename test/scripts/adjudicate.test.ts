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
import { meantItem } from '../../scripts/adjudication/item';
import { contestedRound, rule } from '../db/rulings/contested';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { FAULTY, judgeByManual, KNOWS_LENGTH, TOO_LONG } from '../setup/manual';
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
const newestAct = async () => (await here.db.select().from(audit).orderBy(desc(audit.id)).limit(1))[0];

test('list, show, decide, show again, change one’s mind: each says what comes next', async () => {
  await contestedRound(here.db, { items: 2 });
  const listed = (await adjudicate('list', 'latest', '--limit', '1', '--json')).json();
  const itemId = String(listed[0]?.itemId);
  expect(listed).toEqual([{ itemId: expect.any(String), position: 1, state: 'contested', labels: 3, rulings: [] }]);

  const shown = await adjudicate('show', itemId.slice(0, 8));
  expect(shown.stdout).toMatch(/1 {2}misaligned +yes/);
  expect(shown.stdout).toMatch(/after your own ruling/);
  expect(shown.stdout).not.toMatch(/labelled it|model-0/);

  const ruled = await adjudicate('decide', itemId, '--verdict', 'aligned', '--why', 'it is right');
  expect(ruled).toMatchObject({ code: 0, stderr: '' });
  expect(ruled.stdout).toContain(`ruled aligned on ${itemId}, blind`);
  expect(ruled.stdout).toContain(`plumbline adjudicate show ${itemId}`);
  expect(ruled.stdout).toContain('--stage informed');

  const seen = await adjudicate('show', itemId);
  expect(seen.stdout).toMatch(/you ruled aligned, blind, .*\n {2}aligned\n {2}\| it is right/);
  expect(seen.stdout).toMatch(/labeller \S+ of \S+ labelled it misaligned, 2/);
  expect(seen.stdout).not.toMatch(/model-0/);
  expect(await newestAct()).toMatchObject({ action: 'ruling.see-labels', subject: itemId });
  const informed = ['decide', itemId, '--verdict', 'misaligned', '--reason', 'made-up', '--stage', 'informed'];
  expect((await adjudicate(...informed, '--why', 'I overlooked it', '--json')).json()).toEqual([
    { event: 'ruled', itemId, rulingId: expect.any(String), stage: 'informed', verdict: 'misaligned' },
  ]);
}, 60_000);

test('a second researcher is listed what they may rule on, and does so on purpose only', async () => {
  const round = await contestedRound(here.db);
  await rule(here.db, round, 'Rosa');
  await resolveItems(here.db, round.id, 0);
  const { itemId } = round;
  const listed = (await adjudicate('list', round.id, '--second', '--as', 'Ruth', '--json')).json();
  expect(listed).toMatchObject([{ itemId, rulings: [{ researcher: 'Rosa', stage: 'blind' }] }]);
  const decide = ['decide', itemId, '--verdict', 'aligned', '--why', 'x', '--as', 'Ruth', '--json'];
  expect(errorOf(await adjudicate(...decide))).toMatchObject({
    code: 1,
    kind: 'ruled-by-another',
    message: expect.stringMatching(/^Rosa/),
    hint: expect.stringContaining('--second'),
  });
  expect((await adjudicate(...decide, '--second')).json()).toMatchObject([{ event: 'ruled', itemId, stage: 'blind' }]);
}, 60_000);

test('a refusal has its exit code and its place, and is recorded', async () => {
  const round = await contestedRound(here.db);
  const decide = async (item: string, ...args: string[]) =>
    errorOf(await adjudicate('decide', item, '--verdict', 'aligned', '--why', 'x', '--json', ...args));
  expect(await decide(round.itemId, '--as', 'Olga')).toMatchObject({ code: 1, kind: 'not-allowed', at: '--as' });
  expect(await newestAct()).toMatchObject({ action: 'ruling.decide', refused: true, subject: round.itemId });
  const madeUp = '00000000-0000-8000-8000-000000000000';
  expect(await decide(madeUp)).toMatchObject({ code: 2, kind: 'unknown-item', at: '<item>' });
  expect(await newestAct()).toMatchObject({ subject: madeUp, refused: true, detail: { code: 'unknown-item' } });
  await quarantine(here.db, { itemId: round.itemId, by: nth(round.labellers, 0).id, why: 'a test' });
  const hidden = await adjudicate('show', round.itemId, '--json');
  expect(errorOf(hidden)).toMatchObject({ code: 1, kind: 'quarantined' });
  expect(hidden.stdout).not.toContain('answer 0');
}, 60_000);

test('under a manual answers come from a file or stdin; a blind dry run does not tell what they come to', async () => {
  const round = await contestedRound(here.db);
  await judgeByManual(here.db, round.id, KNOWS_LENGTH);
  const file = path.join(folder, 'answers.yaml');
  writeFileSync(file, JSON.stringify({ ...FAULTY, faults: [{ ...TOO_LONG, entry: 'known-facts' }] }));
  const decide = ['decide', round.itemId, '--why', 'too long', '--json', '--answers'];
  expect(errorOf(await adjudicate(...decide, 'answers.yaml'))).toMatchObject({
    code: 2,
    kind: 'invalid-answers',
    at: expect.stringMatching(/^answers.yaml:1:\d+ answers.faults\[0\].entry$/),
    message: expect.stringContaining('right-length'),
  });
  const acts = (await here.db.select().from(audit)).length;
  const { code, stdout } = await piped(JSON.stringify(FAULTY), ...decide, '-', '--dry-run');
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { event: 'would-rule', itemId: round.itemId, rulingId: null, stage: 'blind', verdict: null },
  ]);
  expect(await here.db.select().from(rulings).where(eq(rulings.roundId, round.id))).toEqual([]);
  expect(await here.db.select().from(audit)).toHaveLength(acts);
}, 60_000);

test('a ruling needs a reason', async () => {
  const { itemId } = await contestedRound(here.db);
  const end = await adjudicate('decide', itemId, '--verdict', 'aligned', '--why', ' ', '--json');
  expect(errorOf(end)).toMatchObject({ code: 2, kind: 'usage', at: '--why' });
});

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
  await judgeByManual(here.db, round.id);
  const { stdout } = await adjudicate('show', round.itemId);
  expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  expect(stdout).toContain('  | ␛[2Jgone<U+009B><U+202E>\n  | \n  | labeller 0 labelled it aligned');
  expect(stdout).not.toMatch(/^labeller 0/m);
  expect(stdout).toMatch(/manual small@1\n/);
});

test('several items that begin alike are not chosen between', async () => {
  const round = await contestedRound(here.db);
  const twin = `${round.itemId.slice(0, 8)}-0000-4000-8000-000000000000`;
  await here.db.execute(sql`
    insert into items (id, round_id, prompt_id, model_id, variant, k, account_id, shard, position)
    select ${twin}::uuid, round_id, prompt_id, model_id, variant, 1, account_id, shard, 99 from items where id = ${round.itemId}`);
  await expect(meantItem(here.db, round.itemId.slice(0, 8))).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('several items begin with'),
  });
  expect(await meantItem(here.db, twin)).toMatchObject({ itemId: twin });
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
