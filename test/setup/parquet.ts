/**
 * A Parquet file of texts, as others' tools write them: enough of the format to read it back (format v1, PLAIN pages, a
 * page to a column and row group). https://github.com/apache/parquet-format
 */
import { gzipSync } from 'node:zlib';

/** Rows of texts by column; a text that is not there is null. */
export type TextRow = Readonly<Record<string, string | null>>;

interface Chunk {
  name: string;
  offset: number;
  bytes: number;
  unpacked: number;
  values: number;
}

const MAGIC = Buffer.from('PAR1');
const CODEC = { none: 0, gzip: 2 } as const;
const BYTE_ARRAY = 6;
const OPTIONAL = 1;
const UTF8 = 0;

/** @param groups the rows of each row group, all with the same columns. */
export function parquetOf(groups: readonly (readonly TextRow[])[], codec: keyof typeof CODEC = 'none'): Buffer {
  const columns = Object.keys(groups[0]?.[0] ?? {});
  const parts: Buffer[] = [MAGIC];
  let at = MAGIC.length;
  const rowGroups = groups.map((rows) => {
    const chunks = columns.map((name): Chunk => {
      const plain = pageOf(rows.map((row) => row[name] ?? null));
      const packed = codec === 'gzip' ? gzipSync(plain) : plain;
      const header = pageHeader(plain.length, packed.length, rows.length);
      const chunk = {
        name,
        offset: at,
        bytes: header.length + packed.length,
        unpacked: header.length + plain.length,
        values: rows.length,
      };
      parts.push(header, packed);
      at += chunk.bytes;
      return chunk;
    });
    return { chunks, rows: rows.length };
  });
  const footer = footerOf(columns, rowGroups, CODEC[codec]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, MAGIC]);
}

/** Definition levels (1: there, 0: null) as runs of one, then each text after its length. */
function pageOf(values: readonly (string | null)[]): Buffer {
  const levels = Buffer.concat(values.map((value) => Buffer.from([2, value === null ? 0 : 1])));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(levels.length);
  const texts = values.flatMap((value) => {
    if (value === null) return [];
    const body = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    return [length, body];
  });
  return Buffer.concat([size, levels, ...texts]);
}

function pageHeader(unpacked: number, packed: number, values: number): Buffer {
  const data = struct([
    [1, int(values)],
    [2, int(0)],
    [3, int(3)],
    [4, int(3)],
  ]);
  return struct([
    [1, int(0)],
    [2, int(unpacked)],
    [3, int(packed)],
    [5, data],
  ]).bytes;
}

function footerOf(
  columns: readonly string[],
  groups: readonly { chunks: readonly Chunk[]; rows: number }[],
  codec: number,
): Buffer {
  const root = struct([
    [4, text('schema')],
    [5, int(columns.length)],
  ]);
  const leaves = columns.map((name) =>
    struct([
      [1, int(BYTE_ARRAY)],
      [3, int(OPTIONAL)],
      [4, text(name)],
      [6, int(UTF8)],
    ]),
  );
  const rowGroups = groups.map(({ chunks, rows }) =>
    struct([
      [1, list(chunks.map((chunk) => chunkOf(chunk, codec)))],
      [2, long(chunks.reduce((sum, { unpacked }) => sum + unpacked, 0))],
      [3, long(rows)],
    ]),
  );
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  return struct([
    [1, int(1)],
    [2, list([root, ...leaves])],
    [3, long(rows)],
    [4, list(rowGroups)],
  ]).bytes;
}

function chunkOf({ name, offset, bytes, unpacked, values }: Chunk, codec: number): Value {
  const meta = struct([
    [1, int(BYTE_ARRAY)],
    [2, list([int(0), int(3)])],
    [3, list([text(name)])],
    [4, int(codec)],
    [5, long(values)],
    [6, long(unpacked)],
    [7, long(bytes)],
    [9, long(offset)],
  ]);
  return struct([
    [2, long(offset)],
    [3, meta],
  ]);
}

/** Thrift's compact protocol: a value with the number of its type. */
interface Value {
  type: number;
  bytes: Buffer;
}

function int(value: number): Value {
  return { type: 5, bytes: varint(value * 2) };
}

function long(value: number): Value {
  return { type: 6, bytes: varint(value * 2) };
}

function text(value: string): Value {
  const body = Buffer.from(value);
  return { type: 8, bytes: Buffer.concat([varint(body.length), body]) };
}

function list(values: readonly Value[]): Value {
  const type = values[0]?.type ?? 12;
  const header =
    values.length < 15
      ? [Buffer.from([(values.length << 4) | type])]
      : [Buffer.from([0xf0 | type]), varint(values.length)];
  return { type: 9, bytes: Buffer.concat([...header, ...values.map(({ bytes }) => bytes)]) };
}

/** Fields by their ids, in rising order. */
function struct(fields: readonly (readonly [id: number, value: Value])[]): Value {
  let before = 0;
  const parts = fields.flatMap(([id, { type, bytes }]) => {
    const header = Buffer.from([((id - before) << 4) | type]);
    before = id;
    return [header, bytes];
  });
  return { type: 12, bytes: Buffer.concat([...parts, Buffer.from([0])]) };
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
