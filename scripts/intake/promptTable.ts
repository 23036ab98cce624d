/** Prompts as a table (CSV, TSV and the like): its first line names the columns, which are to a row what fields are to a line of JSON. */
import { CsvError, parse } from 'csv-parse';
import { type Json, wellFormed } from '../../domain/text';
import { count } from '../output';
import { type JsonObject, LineFault, readJson, tooLong } from './lineFault';
import { bytesOf } from './promptBytes';
import { delimiterOf } from './promptDialect';
import type { EntryReading, PromptEntry } from './promptEntries';
import { whereAPromptStands } from './promptFields';
import type { PromptFile } from './promptFile';
import type { FieldMap } from './promptMapping';

/** The parser takes bytes for characters, so that what is no UTF-8 is noticed instead of replaced. */
const BYTES = 'latin1';
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const LINE_END = /\r\n|\n|\r/g;
/** Columns whose cells hold JSON. */
const LISTS = ['turns', 'messages', 'requirements'];
const LIST_HINT = 'a list stands in a cell as JSON: ["first", "second"]';
const HEADER_HINT = 'the first line names the columns, such as id,prompt';
const LONG_HINT = 'is a quote left open?';
const QUOTES_HINT = 'a cell with a quote in it stands in quotes, and the quote twice: "a ""word"""';

/**
 * After what is no CSV nothing more is read: where its rows begin is not known any more.
 * @param largestRow in bytes.
 */
export async function* entriesOfTable(
  file: PromptFile,
  { fields, delimiter }: EntryReading,
  largestRow: number,
): AsyncGenerator<PromptEntry> {
  let line = 1;
  let columns: string[] | undefined;
  try {
    for await (const row of rowsOf(file, { fields, delimiter }, largestRow)) {
      const began = line;
      line += 1 + lineEndsIn(row);
      if (columns) yield entryOf(began, columns, row, fields);
      else columns = columnsOf(row, fields);
    }
  } catch (error) {
    const fault = faultOf(error, largestRow);
    if (!fault) throw error;
    const read = () => {
      throw fault;
    };
    yield { line: columns ? line : 1, read, last: true };
  }
}

function lineEndsIn(row: readonly string[]): number {
  return row.reduce((ends, cell) => ends + (cell.match(LINE_END)?.length ?? 0), 0);
}

/** Rows that stand before a fault are given before it is thrown: from the parser's own stream they would be lost. */
async function* rowsOf(file: PromptFile, reading: EntryReading, largestRow: number): AsyncGenerator<string[]> {
  const rows: string[][] = [];
  const bytes = withoutMark(bytesOf(file));
  const first = await bytes.next();
  if (first.done) return;
  const head = first.value.toString(BYTES);
  const parser = parse({
    encoding: BYTES,
    delimiter: Buffer.from(delimiterOf(head, file, reading)).toString(BYTES),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: largestRow,
    on_record(row) {
      rows.push(row);
      return null;
    },
  });
  parser.on('error', () => {}).resume();
  // The parser's own limit does not count what stands between cells.
  let withoutEnd = 0;
  for await (const part of withFirst(first.value, bytes)) {
    const fault = await failureOf((done) => parser.write(part, done));
    withoutEnd = rows.length > 0 ? 0 : withoutEnd + part.length;
    yield* rows.splice(0);
    if (fault) throw fault;
    if (withoutEnd > largestRow) throw tooLong(largestRow, LONG_HINT);
  }
  const fault = await failureOf((done) => parser.end(done));
  yield* rows.splice(0);
  if (fault) throw fault;
}

async function* withFirst(first: Buffer, others: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

async function* withoutMark(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun = false;
  for await (const part of bytes) {
    const marked = !begun && part.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    begun = true;
    yield marked ? part.subarray(BYTE_ORDER_MARK.length) : part;
  }
}

function failureOf(act: (done: (error?: Error | null) => void) => void): Promise<Error | null | undefined> {
  return new Promise((resolve) => act(resolve));
}

function columnsOf(row: readonly string[], map: FieldMap): string[] {
  const names = row.map((cell) => textOf(cell, '').trim());
  const nameless = names.indexOf('');
  if (nameless >= 0) throw new LineFault('', `has no name for column ${nameless + 1}`, HEADER_HINT);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new LineFault('', `names two columns ${twice.slice(0, 50)}`);
  if (map.holdsPrompts(names)) return names;
  const hint = `${HEADER_HINT}; ${whereAPromptStands(names)}; a field of another name is said by prompt=NAME`;
  throw new LineFault('', 'names no column that holds prompts', hint);
}

function entryOf(line: number, columns: readonly string[], row: readonly string[], map: FieldMap): PromptEntry {
  if (row.every((cell) => cell.trim() === '')) return { line };
  return { line, read: () => fieldsOf(columns, row, map) };
}

/** An empty cell is a field that is not there. */
function fieldsOf(columns: readonly string[], row: readonly string[], map: FieldMap): JsonObject {
  if (row.length !== columns.length) {
    const message = `has ${count(row.length, 'cell')}, and the first line names ${count(columns.length, 'column')}`;
    throw new LineFault('', message, 'a cell with a delimiter or a line end in it stands in quotes');
  }
  return Object.fromEntries(columns.map((column, i) => [column, valueIn(column, textOf(row[i] ?? '', column), map)]));
}

function valueIn(column: string, cell: string, map: FieldMap): Json {
  if (cell === '') return null;
  if (column === 'instances') return asJson(cell) ?? cell;
  return LISTS.some((ours) => map.theirs(ours) === column) ? readJson(cell, column, LIST_HINT) : cell;
}

function asJson(cell: string): Json | undefined {
  try {
    return readJson(cell, '', '');
  } catch {
    return undefined;
  }
}

function textOf(cell: string, column: string): string {
  try {
    return wellFormed(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(cell, BYTES)));
  } catch {
    throw new LineFault(column, 'is not UTF-8 text', 'save the file as UTF-8');
  }
}

/** What is wrong with the row that begins where the last one has ended; undefined for what is no fault of the table. */
function faultOf(error: unknown, largestRow: number): LineFault | undefined {
  if (error instanceof LineFault) return error;
  if (!(error instanceof CsvError)) return undefined;
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(largestRow, LONG_HINT);
  const unclosed = error.code === 'CSV_QUOTE_NOT_CLOSED';
  const message = unclosed ? 'opens a quote that nothing closes' : 'has a quote where none may stand';
  return new LineFault('', message, QUOTES_HINT);
}
