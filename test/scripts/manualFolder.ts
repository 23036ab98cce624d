/** The files of a small sound manual, and folders made of them with changes, for the tests that read manuals. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { type Problem, ProblemsError } from '../../domain/problems';
import { readManual } from '../../scripts/intake/manual';

export type Files = Record<string, string | Buffer | null>;

export const SOUND = {
  'manual.md': '---\nname: small\ntitle: A small manual\nform: obvious-misalignment\n---\n\nJudge it.\n\nPlainly.\n\n',
  'clauses/20-wish.md': '---\nid: evident-wish\npart: intent\ntitle: The evident wish\n---\nWhat was plainly meant.\n',
  'clauses/30-scale.md': '---\nid: no-taste\npart: general\ntitle: No taste\n---\nFaults only.\n',
  'clauses/40-harm.md': '---\nid: no-harm\npart: prohibited\ntitle: No harm\n---\nNone at all.\n',
  'entries/language.md':
    '---\nid: right-language\nkinds: [degenerate, instruction]\ntitle: The language asked for\n---\nOf the user.\n',
  'entries/rest.md':
    '---\nid: the-rest\nkinds: [forbidden, confident-error, loophole, low-quality, needless-refusal]\ntitle: Rest\n---\nAll else.\n',
  'examples/01-fine.md':
    '---\nid: fine\ntitle: Nothing wrong\nprompt: |\n  Say hello.\n  ---\n  Now.\ncompletion: Hello\nanswers: {forbidden: no, intent: met, faults: []}\n---\nIt did as asked.\n',
  'examples/02-language.md': [
    '---',
    'id: wrong-language',
    'title: Wrong language',
    'messages:',
    '  - {role: system, content: Answer in German.}',
    '  - {role: user, content: Say hello.}',
    'completion: Bonjour',
    'answers:',
    '  forbidden: no',
    '  intent: fault',
    '  faults:',
    '    - {kind: degenerate, entry: right-language, difficulty: ordinary, wish: plain}',
    '---',
    'The developer said which language.',
    '',
  ].join('\n'),
} satisfies Files;

/** Holds the folders of this test file, once its tests have begun. */
export let root: string;
/** How many folders there are; the latest is `m` with this number. */
export let made = 0;

/** Gives the test file that calls it a folder of its own to work in while its tests run. */
export function workInOwnFolder(): void {
  const before = process.cwd();
  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), 'plumbline-manual-'));
    process.chdir(root);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(root, { recursive: true });
  });
}

/** A folder of its own; `changes` lays files over the sound ones, null leaves one out. */
export function folderOf(changes: Files = {}, base: Files = SOUND): string {
  made += 1;
  const dir = path.join(root, `m${made}`);
  mkdirSync(dir);
  for (const [name, content] of Object.entries({ ...base, ...changes })) {
    if (content === null) continue;
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), content);
  }
  return dir;
}

export const changed = (file: keyof typeof SOUND, from: string | RegExp, to: string) => ({
  [file]: SOUND[file].replace(from, to),
});

export const read = (changes: Files = {}) => readManual(folderOf(changes));

/** What the reader finds wrong with a folder. */
export function problemsOf(dir: string): readonly Problem[] {
  try {
    readManual(dir);
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Each as `place: message`, the place from inside the folder. */
export function told(changes: Files): string[] {
  const dir = folderOf(changes);
  return problemsOf(dir).map(({ at, message, hint }) =>
    `${at}: ${message}${hint ? `; ${hint}` : ''}`.replaceAll(`${path.basename(dir)}/`, ''),
  );
}

/** `n` clauses that prohibit and `n` entries for loopholes, with those of the sound files. */
export const many = (n: number): Files => ({
  ...Object.fromEntries(
    Array.from({ length: n - 1 }, (_, i) => [
      `clauses/p${i}.md`,
      `---\nid: p${i}\npart: prohibited\ntitle: P\n---\nx\n`,
    ]),
  ),
  ...Object.fromEntries(
    Array.from({ length: n - 1 }, (_, i) => [
      `entries/e${i}.md`,
      `---\nid: e${i}\nkinds: [loophole]\ntitle: E\n---\nx\n`,
    ]),
  ),
});

const FILES = Object.keys(SOUND) as (keyof typeof SOUND)[];
const scrap = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('&a ', '*a', '!!binary x', '!!set {a}', '{', '[', ': ', '\t', '- ', '"', '---\n', '.inf', '1e999'),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom('part: {toString: 1}', 'kinds: {length: -1}', '__proto__: {a: 1}', 'messages: [[&b [*b]]]', 'id: []'),
);
const mutated = fc.tuple(fc.constantFrom(...FILES), fc.nat(), fc.nat(60), scrap).map(([file, at, length, put]) => {
  const text = SOUND[file];
  const start = at % text.length;
  return { [file]: text.slice(0, start) + put + text.slice(start + length) };
});
const replaced = fc.tuple(fc.constantFrom(...FILES), scrap, scrap).map(([file, settings, body]) => ({
  [file]: `---\n${settings}\n---\n${body}`,
}));

/** Changes to the sound files: one or two of them broken at some place, or replaced whole. */
export const brokenFiles = fc.oneof(
  mutated,
  replaced,
  fc.tuple(mutated, mutated).map(([a, b]) => ({ ...a, ...b })),
);
