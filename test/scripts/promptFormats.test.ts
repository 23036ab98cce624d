import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ProblemsError } from '../../domain/problems';
import type { NewPrompt } from '../../domain/prompts';
import { readPrompts } from '../../scripts/intake/prompts';
import type { PromptReading } from '../../scripts/intake/spec';
import { parquetOf } from '../setup/parquet';

const dir = mkdtempSync(path.join(tmpdir(), 'plumbline-formats-'));
const at = (name: string) => path.join(dir, name);

afterAll(() => rmSync(dir, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content);
  return at(name);
}

async function load(files: string | string[], reading: Partial<PromptReading> = {}): Promise<NewPrompt[]> {
  const read: NewPrompt[] = [];
  for await (const prompt of (await readPrompts(files, reading)).prompts()) read.push(prompt);
  return read;
}

async function told(files: string | string[], reading: Partial<PromptReading> = {}): Promise<string[]> {
  const { problems } = await load(files, reading).then(
    () => Promise.reject(new Error('nothing was refused')),
    (error) => (error instanceof ProblemsError ? error : Promise.reject(error)),
  );
  return problems.map(({ at: place = '', message }) => `${place.replaceAll(`${dir}/`, '')}: ${message}`);
}

const contents = (read: readonly NewPrompt[]) => read.map(({ messages }) => messages[0]?.content);
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const LINES = lines({ id: 'a', prompt: 'one' }, { id: 'b', prompt: 'two, "2"' });

describe('the same prompts', () => {
  test('are the same set in every format, packed or not', async () => {
    const rows = [
      { id: 'a', prompt: 'one' },
      { id: 'b', prompt: 'two, "2"' },
    ];
    const quoted = 'id;prompt\na;one\nb;"two, ""2"""\n';
    const files = [
      write('p.jsonl', LINES),
      write('p.ndjson', LINES),
      write('p.json', JSON.stringify(rows)),
      write('p.csv', `\ufeff${quoted.replaceAll(';', ',')}`),
      write('semicolons.csv', quoted),
      write('p.tsv', quoted.replaceAll(';', '\t')),
      write('pipes.csv', quoted.replaceAll(';', '|')),
      write('p.parquet', parquetOf([rows.slice(0, 1), rows.slice(1)])),
      write('packed.parquet', parquetOf([rows], 'gzip')),
    ];
    const packed = ['p.jsonl', 'p.json', 'p.csv'].map((name) =>
      write(`${name}.gz`, gzipSync(name === 'p.jsonl' ? LINES : name === 'p.json' ? JSON.stringify(rows) : quoted)),
    );
    packed.push(write('p.parquet.gz', gzipSync(parquetOf([rows]))));
    const hashes = await Promise.all([...files, ...packed].map(async (file) => (await readPrompts(file)).hash));
    expect(new Set(hashes).size).toBe(1);
  });

  test('are read from many row groups, with cells that are empty', async () => {
    const row = (i: number) => ({ prompt: `prompt ${i}`, note: i % 3 === 0 ? null : `ä ${i}` });
    const groups = Array.from({ length: 7 }, (_, g) => Array.from({ length: 40 }, (_, i) => row(g * 40 + i)));
    const read = await load(write('many.parquet', parquetOf(groups, 'gzip')));
    expect(contents(read)).toEqual(Array.from({ length: 280 }, (_, i) => `prompt ${i}`));
    expect(read[3]).toMatchObject({ externalId: '4' });
    expect(read[3]?.metadata).toBeUndefined();
    expect(read[4]?.metadata).toEqual({ note: 'ä 4' });
  });
});

describe('a table', () => {
  test('is cut where it is said, whatever its first line looks like', async () => {
    const file = write('odd.csv', 'id,x→prompt\n1,2→a\n');
    expect(contents(await load(file, { delimiter: '→' }))).toEqual(['a']);
    expect((await load(file, { delimiter: '→' }))[0]?.metadata).toEqual({ 'id,x': '1,2' });
    expect(contents(await load(write('tabs.txt', 'prompt\tid\na\t1\n'), { delimiter: 'tab' }))).toEqual(['a']);
  });

  test('keeps delimiters in quotes of its first line apart from those between its columns', async () => {
    const [prompt] = await load(write('names.csv', '"a;b;c;d",prompt\n1,x\n'));
    expect(prompt).toMatchObject({ metadata: { 'a;b;c;d': '1' }, messages: [{ content: 'x' }] });
  });

  test('with a ragged row is refused, or keeps the rest', async () => {
    const file = write('ragged.csv', '\ufeffid;prompt;note\n1;"a;b";\n2;c\n3;"d\ne";n\n4;;\n5;f;g\n');
    expect(await told(file)).toEqual([
      'ragged.csv:3: has 2 cells, and the first line names 3 columns',
      'ragged.csv:6 prompt: is empty',
    ]);
    const source = await readPrompts(file, { badRows: 'keep-the-rest' });
    expect(source).toMatchObject({ size: 3, badRows: { total: 2, listed: [{ at: `${file}:3` }, {}] } });
    expect(contents(await load(file, { badRows: 'keep-the-rest' }))).toEqual(['a;b', 'd\ne', 'f']);
  });

  test('that breaks off in a quote is refused though the rest is to be kept: nobody knows what the rest is', async () => {
    const file = write('open.csv', 'prompt,n\na,1\n"b,2\nc,3\n');
    expect(await told(file, { badRows: 'keep-the-rest' })).toEqual(['open.csv:3: opens a quote that nothing closes']);
  });
});

describe('several files', () => {
  test('are one set, in which prompts without an id are named after their file and line', async () => {
    const files = [write('x.jsonl', lines('one', { id: 'own', prompt: 'two' })), write('y.csv', 'prompt\nthree\n')];
    const source = await readPrompts(files);
    expect(source).toMatchObject({ name: 'x.jsonl and 1 more', size: 3 });
    const read = await load(files);
    expect(read.map(({ externalId, position }) => [externalId, position])).toEqual([
      ['x.jsonl:1', 0],
      ['own', 1],
      ['y.csv:2', 2],
    ]);
  });

  test('of one name are told apart by their folders', async () => {
    const folders = ['m', 'n'].map((name) => mkdtempSync(at(name)));
    const files = folders.map((folder) => path.join(folder, 'p.jsonl'));
    for (const file of files) writeFileSync(file, '"same"\n');
    expect((await load(files)).map(({ externalId }) => externalId)).toEqual(
      folders.map((folder) => `${path.basename(folder)}/p.jsonl:1`),
    );
  });

  test('may not give an id twice, and an empty one among them is told', async () => {
    const files = [
      write('1.jsonl', LINES),
      write('2.jsonl', ''),
      write('3.jsonl', lines('x', { id: 'b', prompt: 'y' })),
    ];
    const again = `3.jsonl:2 id: is the same as in ${at('1.jsonl')}:2`;
    expect(await told(files)).toEqual(['2.jsonl: has no prompts', again]);
  });
});

describe('what is no prompt file', () => {
  const gz = gzipSync(
    lines(...Array.from({ length: 30_000 }, (_, i) => ({ prompt: `number ${i} ${(i * 7919) % 9973}` }))),
  );
  const cut = gz.subarray(0, gz.length >> 1);
  const damaged = Buffer.concat([gz.subarray(0, 2_000), Buffer.alloc(500, 7), gz.subarray(2_500)]);
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

  test.each<[string, string, string | Buffer, RegExp]>([
    [
      'a gzip that ends early',
      'cut.jsonl.gz',
      cut,
      /^cut.jsonl.gz: is a gzip that ends early, after .+; it was read as far as line \d+$/,
    ],
    ['a damaged gzip', 'bad.jsonl.gz', damaged, /^bad.jsonl.gz: is a damaged gzip/],
    ['a gzip that is none', 'not.csv.gz', 'prompt\na\n', /is called .gz and is no gzip/],
    ['an empty gzip', 'empty.jsonl.gz', gzipSync(''), /has no prompts/],
    ['an empty list', 'empty.json', '[]', /has no prompts/],
    ['an empty parquet file', 'empty.parquet', '', /is no Parquet file/],
    ['a binary file', 'image.jsonl', png, /is no text/],
    ['a parquet file by another name', 'p2.csv', parquetOf([[{ prompt: 'a' }]]), /is a Parquet file/],
    ['an Excel file', 'book.csv', Buffer.from('PK\x03\x04\x14\x00', 'latin1'), /is a ZIP archive or an Excel file/],
    ['a parquet file that is none', 'text.parquet', 'prompt\na\n', /is no Parquet file/],
    ['a JSON file that holds lines', 'lines.json', LINES, /^lines.json: is not JSON/],
    ['a JSON file without a list', 'object.json', '{"data": []}', /holds no list/],
    [
      'a line beyond all measure',
      'huge.jsonl',
      `${lines('a')}{"prompt":"${'x'.repeat(6 * 1024 * 1024)}"}\n`,
      /^huge.jsonl:2: is longer than 5 MB/,
    ],
  ])('%s is told', async (_, name, content, expected) => {
    expect((await told(write(name, content)))[0]).toMatch(expected);
  });

  test('a parquet file that was cut short is told', async () => {
    const whole = parquetOf([[{ prompt: 'a' }], [{ prompt: 'b'.repeat(5_000) }]]);
    const file = write('short.parquet', whole);
    truncateSync(file, whole.length - 50);
    expect((await told(file))[0]).toMatch(/is no Parquet file/);
    const holed = Buffer.from(whole);
    holed.fill(0xff, 8, 40);
    expect((await told(write('holed.parquet', holed)))[0]).toMatch(/holed.parquet: is damaged, in its rows 1 to 1/);
  });

  test('a gzip that ends early is refused though the rest is to be kept', async () => {
    expect((await told(write('cut.jsonl.gz', cut), { badRows: 'keep-the-rest' }))[0]).toContain('ends early');
  });
});
