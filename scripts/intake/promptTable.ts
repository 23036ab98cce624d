/** Prompts as a table (CSV): its first line names the columns, which are to a row what fields are to a line of JSON. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { type Json, wellFormed } from '../../domain/text';
import { type JsonObject, LineFault, readJson, tooLong } from './lineFault';
import type { PromptEntry } from './promptEntries';
import { holdPrompts, promptOfFields, whereAPromptStands } from './promptFields';

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
export async function* entriesOfTable(file: string, largestRow: number): AsyncGenerator<PromptEntry> {
  let line = 1;
  let columns: string[] | undefined;
  try {
    for await (const row of rowsOf(file, largestRow)) {
      const began = line;
      line += 1 + lineEndsIn(row);
      if (columns) yield entryOf(began, columns, row);
      else columns = columnsOf(row);
    }
  } catch (error) {
    const fault = faultOf(error, largestRow);
    if (!fault) throw error;
    const read = () => {
      throw fault;
    };
    yield { line: columns ? line : 1, read };
  }
}

function lineEndsIn(row: readonly string[]): number {
  return row.reduce((ends, cell) => ends + (cell.match(LINE_END)?.length ?? 0), 0);
}

/** Rows that stand before a fault are given before it is thrown: from the parser's own stream they would be lost. */
async function* rowsOf(file: string, largestRow: number): AsyncGenerator<string[]> {
  const rows: string[][] = [];
  const parser = parse({
    encoding: BYTES,
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
  for await (const bytes of createReadStream(file, { start: await bytesOfMark(file) })) {
    const fault = await failureOf((done) => parser.write(bytes, done));
    withoutEnd = rows.length > 0 ? 0 : withoutEnd + bytes.length;
    yield* rows.splice(0);
    if (fault) throw fault;
    if (withoutEnd > largestRow) throw tooLong(largestRow, LONG_HINT);
  }
  const fault = await failureOf((done) => parser.end(done));
  yield* rows.splice(0);
  if (fault) throw fault;
}

function failureOf(act: (done: (error?: Error | null) => void) => void): Promise<Error | null | undefined> {
  return new Promise((resolve) => act(resolve));
}

async function bytesOfMark(file: string): Promise<number> {
  const opened = await open(file);
  try {
    const { buffer } = await opened.read(Buffer.alloc(BYTE_ORDER_MARK.length));
    return buffer.equals(BYTE_ORDER_MARK) ? buffer.length : 0;
  } finally {
    await opened.close();
  }
}

function columnsOf(row: readonly string[]): string[] {
  const names = row.map((cell) => textOf(cell, '').trim());
  const nameless = names.indexOf('');
  if (nameless >= 0) throw new LineFault('', `has no name for column ${nameless + 1}`, HEADER_HINT);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new LineFault('', `names two columns ${twice.slice(0, 50)}`);
  if (holdPrompts(names)) return names;
  const otherwise = names.length === 1 && /[;\t|]/.test(names[0] ?? '');
  const hint = otherwise ? 'commas stand between cells' : `${HEADER_HINT}; ${whereAPromptStands(names)}`;
  throw new LineFault('', 'names no column that holds prompts', hint);
}

function entryOf(line: number, columns: readonly string[], row: readonly string[]): PromptEntry {
  if (row.every((cell) => cell.trim() === '')) return { line };
  return { line, read: () => promptOfFields(fieldsOf(columns, row), line) };
}

/** An empty cell is a field that is not there. */
function fieldsOf(columns: readonly string[], row: readonly string[]): JsonObject {
  if (row.length !== columns.length) {
    const message = `has ${row.length} cell(s), and the first line names ${columns.length} column(s)`;
    throw new LineFault('', message, 'a cell with a comma or a line end in it stands in quotes');
  }
  return Object.fromEntries(columns.map((column, i) => [column, valueIn(column, textOf(row[i] ?? '', column))]));
}

function valueIn(column: string, cell: string): Json {
  if (cell === '') return null;
  if (column === 'instances') return asJson(cell) ?? cell;
  return LISTS.includes(column) ? readJson(cell, column, LIST_HINT) : cell;
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
