/** What the documents tell a reader to type is there: every command, and every flag of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { buildProgram } from '../scripts/program';

const ROOT = path.join(__dirname, '..');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(ROOT, 'docs')).map((file) => `docs/${file}`),
].filter((file) => file.endsWith('.md'));

interface Typed {
  place: string;
  words: string[];
}

/** Lines of code blocks that begin with the command, whatever is set before it, without what a comment says. */
function typedIn(file: string): Typed[] {
  let inBlock = false;
  return readFileSync(path.join(ROOT, file), 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.trimStart().startsWith('```')) inBlock = !inBlock;
      const found = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx --no-install )?plumbline +([a-z].*)$/.exec(line);
      if (!inBlock || !found?.[1]) return [];
      const [command = ''] = found[1].split(/\s+#|\s{3,}|\s\|/);
      return [{ place: `${file}:${i + 1}`, words: command.trim().split(/\s+/) }];
    });
}

function commandOf(words: readonly string[], from: Command): { command: Command; rest: readonly string[] } {
  const [first = '', ...rest] = words;
  const inner = from.commands.find((one) => one.name() === first);
  return inner ? commandOf(rest, inner) : { command: from, rest: words };
}

const program = buildProgram('test');
const typed = DOCUMENTS.flatMap(typedIn);

test('the documents show commands', () => {
  expect(typed.length).toBeGreaterThan(25);
});

test.each(typed)('$place is a command that there is, with flags that it has', ({ words }) => {
  const { command, rest } = commandOf(words, program);
  expect(command).not.toBe(program);
  expect(command.commands).toEqual([]);
  const flags = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0] ?? word);
  const known = [...command.options.flatMap(({ long, short }) => [long, short]), '--help'];
  expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

const links = DOCUMENTS.flatMap((file) =>
  [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, to = '']) => ({
    file,
    to,
  })),
);

test.each(links)('in $file the link to $to leads somewhere', ({ file, to }) => {
  const [target = '', anchor] = to.split('#');
  const found = path.join(ROOT, path.dirname(file), target === '' ? path.basename(file) : target);
  expect(existsSync(found)).toBe(true);
  if (anchor !== undefined) expect(anchorsOf(readFileSync(found, 'utf8'))).toContain(anchor);
});
