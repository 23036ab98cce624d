import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPrompts } from '../../scripts/intake/prompts';
import { readSpec } from '../../scripts/intake/spec';
import { readFolder } from '../../scripts/manuals/init';
import { runHere } from './inThisProcess';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const init = (...args: string[]) => runHere(['init', ...args], folder, {});
const env = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };

test('what it writes can be started as it is: a spec, prompts, and a manual of the folder’s name', async () => {
  const end = await init('my-round', '--json');
  expect(end.code).toBe(0);
  const at = path.join(folder, 'my-round');
  expect(end.json()).toEqual([
    {
      event: 'written',
      manual: 'my-round',
      files: ['round.yaml', 'prompts.jsonl', 'manual'].map((one) => path.join(at, one)),
    },
  ]);
  const spec = readSpec(path.join(at, 'round.yaml'), { env });
  expect(spec.judged).toMatchObject({ manual: 'my-round' });
  expect(spec.frozen).toMatchObject({ name: 'my-round', guarantee: { below: 0.02, confidence: 0.95 } });
  expect((await readPrompts(spec.prompts.files[0] ?? '')).size).toBeGreaterThanOrEqual(20);
  const { manual, table, notices } = readFolder(path.join(at, 'manual'));
  expect([manual.name, table?.manual, notices]).toEqual(['my-round', 'my-round', []]);
});

test('every setting that the spec shows in a comment is one that a spec has', async () => {
  await init('.');
  const file = path.join(folder, 'round.yaml');
  const shown = readFileSync(file, 'utf8').replace(/^# ?(- \{name|accounts:| {2}ours:|labellers:)/gm, (_, setting) =>
    setting.startsWith('-') ? `  ${setting}` : setting,
  );
  writeFileSync(file, shown);
  expect(readSpec(file, { env }).frozen.models.map(({ id }) => id)).toEqual(['small', 'large', 'ours']);
});

test('a folder whose name is no manual’s gets one that is', async () => {
  await init('Meine Runde 7');
  expect(readSpec(path.join(folder, 'Meine Runde 7/round.yaml'), { env }).judged.manual).toBe('meine-runde-7');
  await init('2026');
  expect(readSpec(path.join(folder, '2026/round.yaml'), { env }).judged.manual).toBe('my-round');
});

test('nothing that is there is touched: each file is named, and nothing is written', async () => {
  writeFileSync(path.join(folder, 'prompts.jsonl'), 'mine');
  const end = await init('.', '--json');
  expect([end.code, end.json()]).toEqual([
    2,
    [
      {
        error: expect.objectContaining({
          kind: 'exists',
          at: 'prompts.jsonl',
          hint: expect.stringContaining('plumbline init another-round'),
        }),
      },
    ],
  ]);
  expect(readFileSync(path.join(folder, 'prompts.jsonl'), 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toEqual(['prompts.jsonl']);
});

test('where no folder is named it is my-round', async () => {
  await init();
  expect(readdirSync(folder)).toEqual(['my-round']);
});

test('a dry run says what it would write, and writes nothing', async () => {
  const end = await init('new', '--dry-run');
  expect(end.stdout).toContain('would write\n  new/round.yaml');
  expect(existsSync(path.join(folder, 'new'))).toBe(false);
});

test('a folder that cannot be is said so', async () => {
  writeFileSync(path.join(folder, 'file'), '');
  expect((await init('file', '--json')).json()).toEqual([
    { error: expect.objectContaining({ message: 'is a file, not a folder', at: 'file' }) },
  ]);
  const end = await init('file/inside', '--json');
  expect([end.code, end.json()]).toEqual([
    2,
    [{ error: expect.objectContaining({ kind: 'file', at: 'file/inside' }) }],
  ]);
});
