import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { ProblemsError } from '../../domain/problems';
import type { NewPrompt } from '../../domain/prompts';
import { wellFormed } from '../../domain/text';
import { readPrompts } from '../../scripts/intake/prompts';

const dir = mkdtempSync(path.join(tmpdir(), 'plumbline-table-'));
const file = path.join(dir, 'prompts.csv');

afterAll(() => rmSync(dir, { recursive: true }));

async function load(content: string | Buffer, name = file): Promise<NewPrompt[]> {
  writeFileSync(name, content);
  const read: NewPrompt[] = [];
  for await (const prompt of (await readPrompts(name)).prompts()) read.push(prompt);
  return read;
}

const contents = (read: readonly NewPrompt[]) => read.map(({ messages }) => messages[0]?.content);

async function problemsOf(content: string | Buffer) {
  const problems = await load(content).then(
    () => Promise.reject(new Error('nothing was refused')),
    (error) => (error instanceof ProblemsError ? error.problems : Promise.reject(error)),
  );
  return problems.map(({ at = '', message, hint }) => ({ told: `${at.replace(file, 'FILE')}: ${message}`, hint }));
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const rowOf = (...cells: string[]) => `${cells.map(quoted).join(',')}\n`;

describe('a prompt table', () => {
  test('has in its columns what a line has in its fields', async () => {
    const read = await load('uid,prompt,category,lang\na-1,Why?,maths,de\nb-2,How?,,\n');
    expect(read).toEqual([
      {
        externalId: 'a-1',
        messages: [{ role: 'user', content: 'Why?' }],
        requirements: ['lang:de'],
        metadata: { category: 'maths' },
        position: 0,
      },
      { externalId: 'b-2', messages: [{ role: 'user', content: 'How?' }], requirements: [], position: 1 },
    ]);
  });

  test('is the same set as the same prompts on lines of JSON', async () => {
    const lines = path.join(dir, 'prompts.jsonl');
    writeFileSync(lines, `${JSON.stringify({ id: 'a', prompt: 'x, "y"', note: 'n' })}\n`);
    writeFileSync(file, 'note,id,prompt\nn,a,"x, ""y"""\n');
    expect((await readPrompts(file)).hash).toBe((await readPrompts(lines)).hash);
  });

  test('keeps commas, quotes, line ends and spaces of its cells, and names a row by the line on which it begins', async () => {
    const read = await load('prompt,note\r\n"one,\r\n""two""\n\n three",\r\n  four ,"a\rb"\r\nfive,\r\n');
    expect(contents(read)).toEqual(['one,\r\n"two"\n\n three', '  four ', 'five']);
    expect(read.map(({ externalId }) => externalId)).toEqual(['2', '6', '8']);
    expect(read[1]?.metadata).toEqual({ note: 'a\rb' });
  });

  test('may have a byte order mark before a quoted name, any line ends, empty rows at its end and no last line end', async () => {
    expect(contents(await load('\ufeff"prompt",id\na,1\r\nb,2\rc,3\n\n,\n,\n'))).toEqual(['a', 'b', 'c']);
    expect(contents(await load('prompt\na\nb'))).toEqual(['a', 'b']);
    expect(contents(await load('prompt\na\n', path.join(dir, 'OLD.CSV')))).toEqual(['a']);
  });

  test('has lists in cells as JSON: turns, messages, requirements, instances', async () => {
    const header = 'turns,messages,instruction,instances,requirements\n';
    const instances = JSON.stringify([{ input: 'b, a' }]);
    const read = await load(
      header +
        rowOf('["One?", "Two?"]', '', '', '', '["lang:de"]') +
        rowOf('', '[{"role": "user", "content": "Hi"}]', '', '', '') +
        rowOf('', '', 'Sort.', instances, ''),
    );
    expect(read.map(({ messages }) => messages)).toEqual([
      [
        { role: 'user', content: 'One?' },
        { role: 'assistant', content: null },
        { role: 'user', content: 'Two?' },
      ],
      [{ role: 'user', content: 'Hi' }],
      [{ role: 'user', content: 'Sort.\n\nb, a' }],
    ]);
    expect(read[0]?.requirements).toEqual(['lang:de']);
    expect(read[2]?.metadata).toEqual({ instances: [{ input: 'b, a' }] });
  });

  test('puts the input of an instruction under it', async () => {
    expect(contents(await load('instruction,input\nSing.,\nSay it.,Hello\n'))).toEqual(['Sing.', 'Say it.\n\nHello']);
  });

  test('larger than many read buffers loses and mixes nothing', async () => {
    const texts = Array.from({ length: 4_000 }, (_, i) => `${i} ${'ä"\r\n, '.repeat(i % 120)}`);
    expect(contents(await load(`prompt,n\n${texts.map((text, i) => rowOf(text, String(i))).join('')}`))).toEqual(texts);
  });

  test('that changes after it was checked is refused when its texts are read', async () => {
    writeFileSync(file, 'prompt\nx\n');
    const source = await readPrompts(file);
    writeFileSync(file, 'prompt\n"x\n');
    const reading = (async () => {
      for await (const _ of source.prompts());
    })();
    await expect(reading).rejects.toThrow('was changed while it was read');
  });
});

describe('what is wrong with a prompt table', () => {
  test.each<[string, string | Buffer, string, string?]>([
    ['nothing at all', '', 'FILE: has no prompts'],
    ['nothing but the names', 'id,prompt\n', 'FILE: has no prompts'],
    [
      'a missing first line',
      'Write a poem,x\nb,2\n',
      'FILE:1: names no column that holds prompts',
      'the first line names',
    ],
    ['a mistyped name', 'id,promt\n1,a\n', 'FILE:1: names no column that holds prompts', 'did you mean prompt'],

    ['a column without a name', ',prompt\n0,a\n', 'FILE:1: has no name for column 1'],
    ['a name that stands twice', 'prompt,prompt\n0,a\n', 'FILE:1: names two columns prompt'],
    ['a row too short', 'id,prompt\n1,a\n2\n', 'FILE:3: has 1 cell, and the first line names 2 columns'],
    ['a row too long', 'id,prompt\n1,"a\nb"\n2,c, d\n', 'FILE:4: has 3 cells', 'stands in quotes'],
    ['an empty row between prompts', 'id,prompt\n1,a\n\n2,b\n', 'FILE:3: is empty, with prompts after it'],
    ['an empty prompt', 'id,prompt\n1,\n', 'FILE:2 prompt: is empty'],
    ['an empty instruction', 'instruction,input\n,a\n', 'FILE:2 instruction: is empty'],
    ['two prompts in a row', 'prompt,question\na,\nb,c\n', 'FILE:3 question: has both prompt and question'],
    ['an id that stands twice', 'id,prompt\n1,a\n1,b\n', 'FILE:3 id: is the same as in line 2'],
    ['turns that are no JSON', 'turns\na; b\n', 'FILE:2 turns: is not JSON', '["first", "second"]'],
    ['endless nesting', `messages\n${rowOf('['.repeat(200_000))}`, 'FILE:2 messages: is n'],
    ['a quote that nothing closes', 'prompt,n\na,1\n"b,2\nc,3\n', 'FILE:3: opens a quote that nothing closes'],
    [
      'a quote inside a cell',
      'prompt,n\na,1\n5" wide,2\nc,3\n',
      'FILE:3: has a quote where none may stand',
      '""word""',
    ],
    ['text after a quote', 'prompt,n\n"a"b,1\n', 'FILE:2: has a quote where none may stand'],
    ['a quote in the first line', 'pro"mpt\na\n', 'FILE:1: has a quote where none may stand'],
    ['a cell beyond all measure', `prompt\na\n"${'x\n'.repeat(3 * 1024 * 1024)}"\n`, 'FILE:3: is longer than 5 MB'],
    ['a row beyond all measure', `prompt\n${','.repeat(6 * 1024 * 1024)}x`, 'FILE:2: is longer than 5 MB'],
    ['bytes that are not UTF-8', Buffer.from('id,prompt\n1,ok\n2,caf\xe9\n', 'latin1'), 'FILE:3 prompt: is not UTF-8'],
    ['names that are not UTF-8', Buffer.from('\ufeffid,prompt\n1,ok\n', 'utf16le'), 'FILE:1: is not UTF-8 text'],
  ])('%s is told with its line', async (_, content, expected, hint = '') => {
    const [first] = await problemsOf(content);
    expect(first?.told).toContain(expected);
    expect(first?.hint ?? '').toContain(hint);
  });

  test('what stands before a broken quote is told too, and nothing after it', async () => {
    const told = (await problemsOf('prompt,n\na\nb,2\n"c"d,3\ne\n')).map((problem) => problem.told);
    expect(told).toEqual([
      'FILE:2: has 1 cell, and the first line names 2 columns',
      'FILE:4: has a quote where none may stand',
    ]);
  });

  test('a missing file is told', async () => {
    await expect(readPrompts(path.join(dir, 'none.csv'))).rejects.toThrow('there is no such file');
  });
});

test('whatever texts a table is written with are read again', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\r\n"b"', '\r', '","', "'", '\ufeff'),
  );
  const prompt = text.filter((given) => given.trim() !== '');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(prompt, text), { minLength: 1, maxLength: 6 }), async (rows) => {
      const read = await load(`prompt,note\n${rows.map((row) => rowOf(...row)).join('')}`);
      expect(contents(read)).toEqual(rows.map(([given]) => wellFormed(given)));
      expect(read.map(({ metadata }) => metadata?.note ?? '')).toEqual(rows.map(([, note]) => wellFormed(note)));
    }),
    { numRuns: 150 },
  );
});
