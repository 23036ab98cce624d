/** The folder of an archive, and what an export that was killed on the way leaves for the next one. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArchiveFolder } from '../../scripts/rounds/exportFolder';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-archive-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const place = (name: string) => path.join(dir, name);
const standing = () => readdirSync(dir).sort();
const roundIn = (name: string) => readFileSync(path.join(place(name), 'round.json'), 'utf8').trim();

function fill(name: string, file: string, content: string): void {
  mkdirSync(place(name), { recursive: true });
  writeFileSync(path.join(place(name), file), content);
}

async function* lines(text: string) {
  yield [text];
}

/** @param text what the archive's round is. */
async function put(text: string, force = true): Promise<ArchiveFolder> {
  const folder = new ArchiveFolder(place('out'));
  await folder.begin(force);
  await folder.write({ name: 'round.json', lines: lines(text) });
  return folder;
}

test('killed between its two renames, the older archive is put back, and gives way where that is asked for', async () => {
  const killed = async () => {
    fill('out.partial', 'round.json', 'never put there');
    if (standing().includes('out')) renameSync(place('out'), place('out.replaced'));
  };
  await (await put('old')).finish();
  await killed();
  await expect(put('new', false)).rejects.toThrow('is not empty');
  expect(roundIn('out')).toBe('old');
  await killed();
  const next = await put('new');
  // Until it is whole the older one stands.
  expect(roundIn('out')).toBe('old');
  await next.finish();
  expect([standing(), roundIn('out')]).toEqual([['out'], 'new']);
});

test('killed before the older archive was removed, it keeps no other one out', async () => {
  await (await put('new')).finish();
  fill('out.replaced', 'round.json', 'old');
  await (await put('newer')).finish();
  expect([standing(), roundIn('out')]).toEqual([['out'], 'newer']);
});

test('one that cannot be put in its place leaves the older one where it was', async () => {
  await (await put('old')).finish();
  const folder = await put('new');
  // Somebody takes it away meanwhile.
  rmSync(place('out.partial'), { recursive: true });
  await expect(folder.finish()).rejects.toThrow('was taken away');
  await folder.abandon();
  expect([standing(), roundIn('out')]).toEqual([['out'], 'old']);
});

test('a folder of that name that is no archive is neither put there nor removed', async () => {
  fill('out.replaced', 'notes.txt', 'mine');
  await (await put('first')).finish();
  await expect(put('second')).rejects.toThrow('holds what is no archive: notes.txt');
  expect([standing(), roundIn('out')]).toEqual([['out', 'out.replaced'], 'first']);
  expect(readdirSync(place('out.replaced'))).toEqual(['notes.txt']);
});
