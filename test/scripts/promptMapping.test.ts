import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProblemsError } from '../../domain/problems';
import type { NewPrompt } from '../../domain/prompts';
import { hashJson } from '../../domain/text';
import { LineFault } from '../../scripts/intake/lineFault';
import { readPrompts } from '../../scripts/intake/prompts';

const dir = mkdtempSync(path.join(tmpdir(), 'plumbline-mapping-'));

afterAll(() => rmSync(dir, { recursive: true }));

function write(name: string, content: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, content);
  return file;
}

const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

async function load(file: string, fields: Record<string, string> = {}): Promise<NewPrompt[]> {
  const read: NewPrompt[] = [];
  for await (const prompt of (await readPrompts(file, { fields })).prompts()) read.push(prompt);
  return read;
}

async function problemOf(row: object, fields: Record<string, string> = {}) {
  const { problems } = await load(write('p.jsonl', lines(row)), fields).then(
    () => Promise.reject(new Error('nothing was refused')),
    (error) => (error instanceof ProblemsError ? error : Promise.reject(error)),
  );
  const [{ at = '', message, hint }] = problems;
  return { told: `${path.basename(at)}: ${message}`, hint };
}

describe('fields that a file calls otherwise', () => {
  test('are read as ours, and what has our name there is kept beside the prompt', async () => {
    const row = { key: 7, ask: 'Why?', prompt: 'p', text: 't', id: 'i', tongue: 'de', skills: ['domain:law'] };
    const fields = { id: 'key', prompt: 'ask', lang: 'tongue', requirements: 'skills' };
    expect(await load(write('p.jsonl', lines(row)), fields)).toEqual([
      {
        externalId: '7',
        messages: [{ role: 'user', content: 'Why?' }],
        requirements: ['domain:law', 'lang:de'],
        metadata: { prompt: 'p', text: 't', id: 'i' },
        position: 0,
      },
    ]);
  });

  test('may be an instruction and its input, and lists in the cells of a table', async () => {
    const [sung] = await load(write('p.jsonl', lines({ do: 'Sing.', input: 'a song', text: 't' })), {
      instruction: 'do',
    });
    expect(sung).toMatchObject({ messages: [{ content: 'Sing.\n\na song' }], metadata: { text: 't' } });
    const [said] = await load(write('p.jsonl', lines({ do: 'Say it.', what: 'Hello', input: 3 })), {
      instruction: 'do',
      input: 'what',
    });
    expect(said).toMatchObject({ messages: [{ content: 'Say it.\n\nHello' }], metadata: { input: 3 } });
    const [asked] = await load(write('p.csv', 'talk;n\n"[""One?"", ""Two?""]";1\n'), { turns: 'talk' });
    expect(asked?.messages).toHaveLength(3);
  });

  test('that no row has are told, with the one that was meant, and nothing else', async () => {
    expect(await problemOf({ question: 'a', text: 'b' }, { prompt: 'qestion' })).toEqual({
      told: 'p.jsonl: no row has a field qestion, which is to be prompt',
      hint: 'did you mean question?',
    });
    expect((await problemOf({ words: 'a' }, { prompt: 'q', id: 'number' })).hint).toBe('rows have: words');
  });

  test('are called by their own names where they are wrong', async () => {
    expect((await problemOf({ ask: 3 }, { prompt: 'ask' })).told).toBe('p.jsonl:1 ask: is a number, not a text');
    expect((await problemOf({ prompt: 'a', needs: ['x'] }, { requirements: 'needs' })).told).toContain(
      '1 needs[0]: must',
    );
  });

  test('may be missing in some rows of a table only', async () => {
    const file = write('p.csv', 'ask,who\na,\nb,me\n');
    expect((await load(file, { prompt: 'ask', id: 'who' })).map(({ externalId }) => externalId)).toEqual(['2', 'me']);
  });
});

describe('a completion that comes with its prompt', () => {
  test('is kept as a model’s own answer is, and makes another set', async () => {
    const message = { role: 'assistant', content: 'Because.', refusal: null };
    const file = write('p.jsonl', lines({ prompt: 'a', completion: 'So.' }, { prompt: 'b', completion: message }));
    const source = await readPrompts(file);
    expect(source).toMatchObject({ given: 2, firstWithout: null, fields: [] });
    const read = await load(file);
    expect(read.map(({ completion }) => completion)).toEqual([
      '{"content":"So.","role":"assistant"}',
      '{"content":"Because.","refusal":null,"role":"assistant"}',
    ]);
    const plain = await readPrompts(write('q.jsonl', lines({ prompt: 'a' }, { prompt: 'b', completion: null })));
    expect(plain).toMatchObject({ given: 0, firstWithout: '1' });
    const prompt = (id: string, content: string) => ({ id, messages: [{ role: 'user', content }], requirements: [] });
    expect(plain.hash).toBe(hashJson([prompt('1', 'a'), prompt('2', 'b')]));
    expect(source.hash).not.toBe(plain.hash);
  });

  test('may say nothing, call tools or stand in a cell of a table', async () => {
    const calls = [{ id: 't', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const rows = [{ content: '' }, { role: 'assistant', content: null, tool_calls: calls }];
    const read = await load(write('p.jsonl', lines(...rows.map((completion, i) => ({ prompt: `${i}`, completion })))));
    expect(read.map(({ completion }) => JSON.parse(completion ?? ''))).toEqual([
      { role: 'assistant', content: '' },
      { role: 'assistant', content: null, tool_calls: calls },
    ]);
    const [cell] = await load(write('p.csv', 'prompt,answer\na,"{""x"": 1}"\n'), { completion: 'answer' });
    expect(JSON.parse(cell?.completion ?? '')).toEqual({ role: 'assistant', content: '{"x": 1}' });
  });

  test.each<[string, object, string]>([
    ['blank', { prompt: 'a', completion: ' ' }, '1 completion: is empty'],
    ['a number', { prompt: 'a', completion: 4 }, '1 completion: is a number'],
    ['the user’s', { prompt: 'a', completion: { role: 'user', content: 'x' } }, '1 completion.role: must be assistant'],
    ['without words', { prompt: 'a', completion: { role: 'assistant' } }, '1 completion.content: must be a text'],
    ['of two turns', { turns: ['a', 'b'], completion: 'x' }, '1 completion: answers a prompt in which an earlier turn'],
  ])('is refused where it is %s', async (_, row, expected) => {
    expect((await problemOf(row)).told).toContain(expected);
  });
});

describe('the turn that is judged', () => {
  test('is counted from one in files, and from nought within', async () => {
    const rows = lines(
      { turns: ['a', 'b', 'c'], judge_turn: 2 },
      { turns: ['a', 'b'], judge_turn: '1' },
      { prompt: 'a' },
    );
    const read = await load(write('p.jsonl', rows));
    expect(read.map(({ judgeTurn }) => judgeTurn)).toEqual([1, 0, undefined]);
    expect(read[0]?.metadata).toBeUndefined();
  });

  test.each([
    [{ turns: ['a', 'b'], judge_turn: 3 }, '1 judge_turn: is 3, and the model has 2 turns in this prompt'],
    [{ prompt: 'a', judge_turn: 0 }, '1 judge_turn: must be a whole number from 1'],
    [{ prompt: 'a', judge_turn: 1.5 }, '1 judge_turn: must be a whole number from 1'],
    [{ prompt: 'a', judge_turn: 'last' }, '1 judge_turn: must be a whole number from 1'],
  ])('must be one of the model’s turns in the prompt: %j', async (row, expected) => {
    expect((await problemOf(row)).told).toContain(expected);
  });
});

test('a prompt that is not wanted is refused with its line, though bad rows are left out', async () => {
  const file = write('p.jsonl', lines('fine', { prompt: 3 }, 'unwanted'));
  const check = ({ messages }: NewPrompt) => {
    if (messages[0]?.content === 'unwanted') throw new LineFault('x', 'is not wanted');
  };
  await expect(readPrompts(file, { badRows: 'keep-the-rest' }, { check })).rejects.toMatchObject({
    total: 1,
    problems: [{ at: `${file}:3 x`, message: 'is not wanted' }],
  });
});
