/** docs/operating.md as a script: its sections, the commands in them, and what it says that they print. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const FILE = 'docs/operating.md';

/** A line of the document. */
export interface Line {
  text: string;
  /** Such as docs/operating.md:12. */
  at: string;
}

/** A code block, and the prose above it. */
export type Part =
  /** Of as many commands as outputs the last ones printed them. */
  | { kind: 'commands'; commands: Line[]; outputs: Line[][] }
  /** Output that stands under prose. */
  | { kind: 'shown'; lines: Line[] }
  /** What is to be written into a file. */
  | { kind: 'file'; lines: Line[] };

export interface Section {
  heading: string;
  parts: Part[];
  /** What stands between the blocks. */
  prose: Line[];
}

interface Block {
  language: string;
  lines: Line[];
  /** Only blank lines are between it and the block above. */
  follows: boolean;
}

export function readTour(): Section[] {
  const text = readFileSync(path.join(__dirname, '../..', FILE), 'utf8');
  const lines = text.split('\n').map((line, i) => ({ text: line, at: `${FILE}:${i + 1}` }));
  const starts = lines.flatMap(({ text }, i) => (text.startsWith('## ') ? [i] : []));
  return starts.map((start, i) => {
    const own = lines.slice(start, starts[i + 1]);
    const { blocks, prose } = blocksOf(own);
    return { heading: (own[0]?.text ?? '').slice('## '.length), parts: partsOf(blocks), prose };
  });
}

function blocksOf(lines: readonly Line[]): { blocks: Block[]; prose: Line[] } {
  const blocks: Block[] = [];
  const prose: Line[] = [];
  let open: Block | undefined;
  let follows = false;
  for (const line of lines) {
    const fence = /^```(\w*)$/.exec(line.text);
    if (fence && open) {
      blocks.push(open);
      open = undefined;
      follows = true;
    } else if (fence) open = { language: fence[1] ?? '', lines: [], follows };
    else if (open) open.lines.push(line);
    else if (line.text !== '') {
      prose.push(line);
      follows = false;
    }
  }
  return { blocks, prose };
}

function partsOf(blocks: readonly Block[]): Part[] {
  const parts: Part[] = [];
  for (const { language, lines, follows } of blocks) {
    const last = parts.at(-1);
    if (language !== '' || lines.every(({ text }) => /^[A-Z_]+=/.test(text))) parts.push({ kind: 'file', lines });
    else if (lines[0]?.text.startsWith('plumbline ')) parts.push({ kind: 'commands', commands: lines, outputs: [] });
    else if (follows && last?.kind === 'commands') last.outputs.push(lines);
    else parts.push({ kind: 'shown', lines });
  }
  return parts;
}

/** The messages in the first column of a section's table, each as the document quotes it. */
export function quotedInTable({ prose }: Section): Line[] {
  return prose
    .filter(({ text }) => text.startsWith('| `'))
    .flatMap(({ text, at }) => {
      const cell = text.split('|')[1] ?? '';
      return [...cell.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => ({ text: quoted, at }));
    });
}

/** The words of a command, as a shell splits them: quotes hold words together, a comment is none of them. */
export function wordsOf(command: string): string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith('#'));
  return words
    .slice(0, comment === -1 ? undefined : comment)
    .map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
