/** What a prompt file is: by its name, and where that says nothing by how it begins. */
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { type Problem, ProblemsError } from '../../domain/problems';
import { fileProblem, shownPath, sizeOfFile } from './files';
import { bytesOf } from './promptBytes';
import type { PromptReading } from './spec';

export const FORMATS = ['lines', 'list', 'table', 'parquet'] as const;
export type PromptFormat = (typeof FORMATS)[number];

/** A file to read prompts from. */
export interface PromptInput {
  path: string;
  /** As people know it, where that is not its path. */
  shown?: string;
}

export interface PromptFile {
  path: string;
  /** In what is told of it. */
  shown: string;
  /** What its prompts without an id are named after, where there are several files. */
  label: string;
  format: PromptFormat;
  gzip: boolean;
  /** The name says tabs. */
  tabs: boolean;
}

const ENDINGS: Record<string, PromptFormat> = {
  '.jsonl': 'lines',
  '.ndjson': 'lines',
  '.json': 'list',
  '.csv': 'table',
  '.tsv': 'table',
  '.tab': 'table',
  '.parquet': 'parquet',
};
const GZIP = Buffer.from([0x1f, 0x8b]);
const PARQUET = Buffer.from('PAR1');
/** What is none of the formats, by its first bytes, and what to do about it. */
const OTHERS: { begins: Buffer; is: string; hint: string }[] = [
  { begins: Buffer.from('PK\x03\x04'), is: 'a ZIP archive or an Excel file', hint: 'unpack it, or save it as CSV' },
  { begins: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), is: 'packed by zstd', hint: 'unpack it first, or pack it by gzip' },
  {
    begins: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]),
    is: 'packed by xz',
    hint: 'unpack it first, or pack it by gzip',
  },
  { begins: Buffer.from('BZh'), is: 'packed by bzip2', hint: 'unpack it first, or pack it by gzip' },
];
const UTF16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
const HEAD_BYTES = 4_096;

/** @throws ProblemsError for what is no file, or none that may hold prompts. */
export async function promptFiles(
  inputs: readonly PromptInput[],
  { delimiter }: Pick<PromptReading, 'delimiter'>,
): Promise<PromptFile[]> {
  const labels = labelsOf(inputs);
  const found: PromptFile[] = [];
  for (const [i, input] of inputs.entries()) {
    sizeOfFile(input.path);
    const shown = input.shown ?? shownPath(input.path);
    found.push(await promptFile(input, shown, labels[i] ?? shown, delimiter !== undefined));
  }
  return found;
}

/** Without the ending that says it is packed: the same prompts are the same set, packed or not. */
export function unpackedName(name: string): string {
  return name.replace(/\.gz$/i, '');
}

async function promptFile(input: PromptInput, shown: string, label: string, asTable: boolean): Promise<PromptFile> {
  const first = await headOf(input.path);
  const gzip = first.subarray(0, GZIP.length).equals(GZIP);
  if (!gzip && first.length > 0 && /\.gz$/i.test(input.path)) {
    throw refusal(shown, 'is called .gz and is no gzip', 'take .gz off its name, or fetch it again');
  }
  const ending = path.extname(unpackedName(input.path)).toLowerCase();
  const named = input.shown === undefined ? (ENDINGS[ending] ?? (asTable ? 'table' : 'lines')) : undefined;
  const file = { path: input.path, shown, label, gzip, tabs: ending === '.tsv' || ending === '.tab' };
  const head = gzip ? await firstOf(bytesOf({ path: input.path, gzip })) : first;
  const format = named ?? (asTable ? 'table' : formatOfHead(head));
  refuseOther(head, format, shown);
  return { ...file, format };
}

function refuseOther(head: Buffer, format: PromptFormat, shown: string): void {
  if (format === 'parquet') return;
  if (begins(head, PARQUET)) throw refusal(shown, 'is a Parquet file', 'call it .parquet');
  const other = OTHERS.find(({ begins: bytes }) => begins(head, bytes));
  if (other) throw refusal(shown, `is ${other.is}`, other.hint);
  if (isBinary(head.subarray(0, HEAD_BYTES))) {
    throw refusal(shown, 'is no text', 'prompts stand in .jsonl, .json, .csv, .tsv or .parquet files');
  }
}

/** NUL bytes in what is no UTF-8 either. A text in UTF-16 has them too: its lines say that they are no UTF-8. */
function isBinary(head: Buffer): boolean {
  if (!head.includes(0) || UTF16.some((mark) => begins(head, mark))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return false;
  } catch {
    return true;
  }
}

function begins(bytes: Buffer, other: Buffer): boolean {
  return bytes.subarray(0, other.length).equals(other);
}

function formatOfHead(head: Buffer): PromptFormat {
  if (begins(head, PARQUET)) return 'parquet';
  const text = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (text.startsWith('[')) return 'list';
  return text.startsWith('{') || /^"(?:[^"\\]|\\.)*"\s*(?:\n|$)/.test(text) ? 'lines' : 'table';
}

async function headOf(file: string): Promise<Buffer> {
  let opened: FileHandle | undefined;
  try {
    opened = await open(file);
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(HEAD_BYTES));
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    const problem = fileProblem(error, file);
    throw problem ? ProblemsError.of(problem) : error;
  } finally {
    await opened?.close();
  }
}

/** Nothing where it cannot be unpacked: that is told when it is read. */
async function firstOf(bytes: AsyncGenerator<Buffer>): Promise<Buffer> {
  try {
    const { value } = await bytes.next();
    return value instanceof Buffer ? value : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  } finally {
    await bytes.return(undefined);
  }
}

function refusal(at: string, message: string, hint: string): ProblemsError {
  const problem: Problem = { kind: 'prompts', message, hint, at };
  return ProblemsError.of(problem);
}

/** File names; where two files have the same one, with as much of their folders as tells them apart. */
function labelsOf(inputs: readonly PromptInput[]): string[] {
  const parts = inputs.map((input) => (input.shown ?? unpackedName(input.path)).split(path.sep));
  const longest = Math.max(...parts.map((one) => one.length));
  for (let taken = 1; taken <= longest; taken += 1) {
    const labels = parts.map((one) => one.slice(-taken).join('/'));
    if (new Set(labels).size === labels.length) return labels;
  }
  return parts.map((one) => one.join('/'));
}
