/** What a prompt file holds, one after the other: the lines of a `.jsonl`, the rows of a table. */
import type { JsonObject } from './lineFault';
import { LineFault, tooLong } from './lineFault';
import { linesOf } from './lines';
import { bytesOf } from './promptBytes';
import type { PromptFile } from './promptFile';
import { fieldsOfLine } from './promptLine';
import { entriesOfList } from './promptList';
import type { FieldMap } from './promptMapping';
import { entriesOfTable } from './promptTable';

export interface PromptEntry {
  /** On which it begins, from 1; a row of a file without lines by its number. */
  line: number;
  /** @throws LineFault where it is no prompt. Absent where it is blank. */
  read?: () => JsonObject;
  /** Nothing after it can be read: leaving it out would leave out the rest. */
  last?: boolean;
}

export interface EntryReading {
  fields: FieldMap;
  delimiter?: string | undefined;
}

const LARGEST_LINE = 5 * 1024 * 1024;

/** @throws FileFault for a file that cannot be read to its end. */
export async function* entriesOf(file: PromptFile, reading: EntryReading): AsyncGenerator<PromptEntry> {
  if (file.format === 'lines') yield* entriesOfLines(file);
  else if (file.format === 'list') yield* entriesOfList(file);
  else if (file.format === 'table') yield* entriesOfTable(file, reading, LARGEST_LINE);
  else {
    // Its decoders are loaded where they are needed.
    const { entriesOfParquet }: typeof import('./promptParquet') = require('./promptParquet');
    yield* entriesOfParquet(file);
  }
}

async function* entriesOfLines(file: PromptFile): AsyncGenerator<PromptEntry> {
  for await (const line of linesOf(bytesOf(file), LARGEST_LINE)) {
    const { number } = line;
    if ('wrong' in line) yield { line: number, read: () => refuse(line.wrong) };
    else if (line.text.trim() === '') yield { line: number };
    else yield { line: number, read: () => fieldsOfLine(line.text) };
  }
}

function refuse(wrong: 'too-long' | 'not-utf8'): never {
  if (wrong === 'too-long') throw tooLong(LARGEST_LINE, 'is each prompt on a line of its own?');
  throw new LineFault('', 'is not UTF-8 text', 'save the file as UTF-8');
}
