/** Prompts in a Parquet file, a row group at a time. Rows are known by their number, from 1. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type Json, wellFormedJson } from '../../domain/text';
import type { JsonObject } from './lineFault';
import { bytesOf, FileFault } from './promptBytes';
import type { PromptEntry } from './promptEntries';
import type { PromptFile } from './promptFile';

/** A row group is held whole while its rows are read. */
const LARGEST_GROUP_MB = 512;

/** @throws FileFault for what is no Parquet file, or a damaged one. */
export async function* entriesOfParquet(file: PromptFile): AsyncGenerator<PromptEntry> {
  if (file.gzip) yield* unpackedEntries(file);
  else yield* entriesAt(file.path);
}

/** Its end says where everything is, so it cannot be read from a stream. */
async function* unpackedEntries(file: PromptFile): AsyncGenerator<PromptEntry> {
  const dir = await mkdtemp(path.join(tmpdir(), 'plumbline-unpacked-'));
  try {
    const unpacked = path.join(dir, 'prompts.parquet');
    await pipeline(Readable.from(bytesOf(file)), createWriteStream(unpacked, { mode: 0o600 }));
    yield* entriesAt(unpacked);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function* entriesAt(file: string): AsyncGenerator<PromptEntry> {
  const buffer = await asyncBufferFromFile(file);
  const metadata = await read(() => parquetMetadataAsync(buffer), 'is no Parquet file');
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    refuseLarge(group, rowStart);
    const options = { file: buffer, metadata, compressors, rowStart, rowEnd };
    const rows = await read(() => parquetReadObjects(options), `is damaged, in its rows ${rowStart + 1} to ${rowEnd}`);
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i] ?? {};
      // What was read of a group is let go of row by row.
      delete rows[i];
      yield { line: rowStart + i + 1, read: () => fieldsOf(row) };
    }
    rowStart = rowEnd;
  }
}

function refuseLarge({ total_byte_size }: FileMetaData['row_groups'][number], rowStart: number): void {
  if (Number(total_byte_size) <= LARGEST_GROUP_MB * 1024 * 1024) return;
  const message = `has a row group of more than ${LARGEST_GROUP_MB} MB, from its row ${rowStart + 1}`;
  throw new FileFault(message, 'write it with smaller row groups, such as row_group_size=10000');
}

async function read<T>(work: () => Promise<T>, otherwise: string): Promise<T> {
  try {
    return await work();
  } catch {
    throw new FileFault(otherwise, 'write it again, or fetch it again');
  }
}

function fieldsOf(row: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, wellFormedJson(jsonOf(value))]));
}

/** What JSON cannot hold is not there: bytes, and numbers that are none. */
function jsonOf(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonOf(inner)]));
}
