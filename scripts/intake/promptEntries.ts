/** What a prompt file holds, one after the other: the lines of a `.jsonl`, the rows of a `.csv`. */
import path from 'node:path';
import { LineFault, tooLong } from './lineFault';
import { linesOf } from './lines';
import type { LinePrompt } from './promptFields';
import { promptOfLine } from './promptLine';
import { entriesOfTable } from './promptTable';

export interface PromptEntry {
  /** On which it begins, from 1. */
  line: number;
  /** @throws LineFault where it is no prompt. Absent where it is blank. */
  read?: () => LinePrompt;
}

const LARGEST_LINE = 5 * 1024 * 1024;

export function entriesOf(file: string): AsyncGenerator<PromptEntry> {
  const isTable = path.extname(file).toLowerCase() === '.csv';
  return isTable ? entriesOfTable(file, LARGEST_LINE) : entriesOfLines(file);
}

async function* entriesOfLines(file: string): AsyncGenerator<PromptEntry> {
  for await (const line of linesOf(file, LARGEST_LINE)) {
    const { number } = line;
    if ('wrong' in line) yield { line: number, read: () => refuse(line.wrong) };
    else if (line.text.trim() === '') yield { line: number };
    else yield { line: number, read: () => promptOfLine(line.text, number) };
  }
}

function refuse(wrong: 'too-long' | 'not-utf8'): never {
  if (wrong === 'too-long') throw tooLong(LARGEST_LINE, 'is each prompt on a line of its own?');
  throw new LineFault('', 'is not UTF-8 text', 'save the file as UTF-8');
}
