import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { ProblemsError } from '../../domain/problems';
import type { NewPrompt } from '../../domain/prompts';
import { hashJson } from '../../domain/text';
import { readPrompts } from '../../scripts/intake/prompts';

const dir = mkdtempSync(path.join(tmpdir(), 'plumbline-prompts-'));
const file = path.join(dir, 'prompts.jsonl');

afterAll(() => rmSync(dir, { recursive: true }));

const lines = (...values: unknown[]) => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;

async function load(content: string | Buffer): Promise<NewPrompt[]> {
  writeFileSync(file, content);
  const read: NewPrompt[] = [];
  for await (const prompt of (await readPrompts(file)).prompts()) read.push(prompt);
  return read;
}

async function refusalOf(content: string | Buffer): Promise<ProblemsError> {
  return load(content).then(
    () => Promise.reject(new Error('nothing was refused')),
    (error) => (error instanceof ProblemsError ? error : Promise.reject(error)),
  );
}

const told = async (content: string | Buffer) =>
  (await refusalOf(content)).problems.map(({ at = '', message }) => `${at.replace(file, 'FILE')}: ${message}`);

describe('a prompt file', () => {
  test('gives each line’s text as a user’s message, whatever the field is called', async () => {
    const read = await load(lines({ prompt: 'a' }, { input: 'b', category: 'x' }, { question: 'c' }, { text: 'd' }));
    expect(read.map(({ messages }) => messages)).toEqual(
      ['a', 'b', 'c', 'd'].map((content) => [{ role: 'user', content }]),
    );
  });

  test('may be a list of texts, one to a line', async () => {
    const read = await load(lines('What is dew?', { prompt: 'Why?' }, 'a "word"\nand another'));
    expect(read.map(({ externalId, messages }) => [externalId, messages[0]?.content])).toEqual([
      ['1', 'What is dew?'],
      ['2', 'Why?'],
      ['3', 'a "word"\nand another'],
    ]);
  });

  test('puts what an instruction is about under it, after a blank line', async () => {
    const read = await load(
      lines(
        { instruction: 'Shorten it.', input: 'A long text.' },
        { instruction: 'Tell a joke.', input: ' ' },
        { instruction: 'Sort it.', instances: [{ input: 'b, a', output: 'a, b' }] },
        { instruction: 'Sing.', instances: [{ input: '', output: 'la' }] },
        { instruction: 'Dance.', input: 'now', instances: [] },
      ),
    );
    expect(read.map(({ messages }) => messages)).toEqual(
      ['Shorten it.\n\nA long text.', 'Tell a joke.', 'Sort it.\n\nb, a', 'Sing.', 'Dance.\n\nnow'].map((content) => [
        { role: 'user', content },
      ]),
    );
    expect(read.map(({ metadata }) => metadata)).toEqual([
      undefined,
      undefined,
      { instances: [{ input: 'b, a', output: 'a, b' }] },
      { instances: [{ input: '', output: 'la' }] },
      { instances: [] },
    ]);
  });

  test('leaves the model’s own turns open between those of the user', async () => {
    const [two, one] = await load(lines({ turns: ['Name a tree.', 'Another one.'] }, { turns: ['Hello?'] }));
    expect(two?.messages).toEqual([
      { role: 'user', content: 'Name a tree.' },
      { role: 'assistant', content: null },
      { role: 'user', content: 'Another one.' },
    ]);
    expect(one?.messages).toEqual([{ role: 'user', content: 'Hello?' }]);
    expect((await readPrompts(file)).mostTurns).toBe(2);
  });

  test('names prompts by their id, else by their line', async () => {
    const read = await load(
      lines(
        { id: 'first', prompt: 'a' },
        { prompt: 'b' },
        { id: 7, prompt: 'c' },
        { uid: 'u', prompt: 'd' },
        { question_id: 81, prompt: 'e' },
        { question_id: 'q', id: 'own', prompt: 'f' },
      ),
    );
    expect(read.map(({ externalId, position, metadata }) => [externalId, position, metadata])).toEqual([
      ['first', 0, undefined],
      ['2', 1, undefined],
      ['7', 2, undefined],
      ['u', 3, undefined],
      ['81', 4, undefined],
      ['own', 5, { question_id: 'q' }],
    ]);
  });

  test('keeps what else a line says as metadata, well-formed, and nothing where it says nothing', async () => {
    const read = await load(
      `${lines(
        { id: 1, prompt: 'a', category: 'maths', tags: ['x', { y: 1.5 }], lang: 'de', answer: '4\u0000', none: null },
        { id: 2, prompt: 'b', lang: 'de', requirements: ['domain:law'], question: null },
      )}{"id": 3, "prompt": "c", "__proto__": {"note": "\\ud800"}}\n`,
    );
    expect(read.map(({ metadata }) => JSON.stringify(metadata))).toEqual([
      '{"category":"maths","tags":["x",{"y":1.5}],"answer":"4\u2400"}',
      undefined,
      '{"__proto__":{"note":"\ufffd"}}',
    ]);
  });

  test('keeps chat messages as they were sent, with tool calls and parts, and leaves unknown fields out', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }], name: 'ada' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 't1', type: 'function', function: { name: 'w', arguments: '{}' } }],
      },
      { role: 'tool', content: 'sunny', tool_call_id: 't1' },
    ];
    const noted = messages.map((message) => ({ ...message, timestamp: 3 }));
    expect((await load(lines({ messages: noted })))[0]?.messages).toEqual(messages);
  });

  test('asks of labellers what the prompt requires', async () => {
    const [prompt] = await load(lines({ prompt: 'a', requirements: ['domain:medicine', 'content:gore'], lang: 'de' }));
    expect(prompt?.requirements).toEqual(['content:gore', 'domain:medicine', 'lang:de']);
  });

  test('may have a byte order mark, Windows line ends, blank lines at its end and no last line end', async () => {
    expect(await load('\ufeff{"prompt":"a"}\r\n{"prompt":"b"}\r\n\r\n  \n')).toHaveLength(2);
    expect(await load('{"prompt":"a"}\n{"prompt":"b"}')).toHaveLength(2);
  });

  test('has lone surrogates and NUL made visible, as they are stored and hashed', async () => {
    const [prompt] = await load('{"prompt":"a\\ud800b\\u0000c"}\n');
    expect(prompt?.messages[0]?.content).toBe('a\ufffdb\u2400c');
  });

  test('is one set however often it is read, and another when a word of it or of its metadata changes', async () => {
    const hashOf = async (text: string) => {
      writeFileSync(file, text);
      return (await readPrompts(file)).hash;
    };
    const first = await hashOf(lines({ id: 'a', prompt: 'x' }));
    expect(first).toBe(hashJson([{ id: 'a', messages: [{ role: 'user', content: 'x' }], requirements: [] }]));
    expect(await hashOf('{ "prompt" : "x", "id": "a", "note": null }')).toBe(first);
    expect(await hashOf(lines({ id: 'a', prompt: 'y' }))).not.toBe(first);
    const noted = await hashOf(lines({ id: 'a', prompt: 'x', note: 'part of it', source: 's' }));
    expect(noted).not.toBe(first);
    expect(await hashOf(lines({ source: 's', note: 'part of it', id: 'a', prompt: 'x' }))).toBe(noted);
  });

  test('that changes after it was checked is refused when its texts are read', async () => {
    writeFileSync(file, lines({ prompt: 'x' }));
    const source = await readPrompts(file);
    writeFileSync(file, lines({ prompt: 'y' }));
    const reading = (async () => {
      for await (const _ of source.prompts());
    })();
    await expect(reading).rejects.toThrow('was changed while it was read');
  });

  test('larger than one read buffer loses and mixes nothing', async () => {
    const texts = Array.from({ length: 2_000 }, (_, i) => `${i} ${'ä'.repeat(i % 400)}`);
    const read = await load(lines(...texts.map((prompt) => ({ prompt }))));
    expect(read.map(({ messages }) => messages[0]?.content)).toEqual(texts);
  });
});

describe('what is wrong with a prompt file', () => {
  test.each<[string, string | Buffer, string]>([
    ['a line that is not JSON', '{"prompt":"a"}\n{"prompt":\n', 'FILE:2: is not JSON'],
    ['a line that is no object', '["just a list"]\n', 'FILE:1: is a list, not an object'],
    ['an empty text', '" "\n', 'FILE:1 prompt: is empty'],
    ['an empty line between prompts', '{"prompt":"a"}\n\n{"prompt":"b"}\n', 'FILE:2: is empty, with prompts after it'],
    [
      'an id that stands twice',
      lines({ id: 'a', prompt: 'x' }, { id: 'a', prompt: 'y' }),
      'FILE:2 id: is the same as in line 1',
    ],
    [
      'an id that is another line’s number',
      lines({ prompt: 'x' }, { id: '1', prompt: 'y' }),
      'FILE:2 id: is the same as in line 1',
    ],
    ['an empty prompt', lines({ prompt: ' \n' }), 'FILE:1 prompt: is empty'],
    ['a prompt that is no text', lines({ prompt: 3 }), 'FILE:1 prompt: is a number, not a text'],
    ['two prompts in a line', lines({ prompt: 'a', question: 'b' }), 'FILE:1 question: has both prompt and question'],
    [
      'an instruction beside a prompt',
      lines({ instruction: 'a', input: 'b', text: 'c' }),
      'FILE:1 instruction: has both text and instruction',
    ],
    ['turns beside messages', lines({ turns: ['a'], messages: [] }), 'FILE:1 messages: has both turns and messages'],
    [
      'two inputs of an instruction',
      lines({ instruction: 'a', input: 'b', instances: [{ input: 'c' }] }),
      'FILE:1 instances[0].input: has both input and instances[0].input',
    ],
    ['an input that is no text', lines({ instruction: 'a', input: {} }), 'FILE:1 input: is an object, not a text'],
    ['an input without its instruction', lines({ instruction: null, input: 'a' }), 'FILE:1 instruction: is empty'],
    ['turns that are no list', lines({ turns: 'a' }), 'FILE:1 turns: is a text, not a list'],
    ['no turns', lines({ turns: [] }), 'FILE:1 turns: is empty'],
    ['an empty turn', lines({ turns: ['a', ''] }), 'FILE:1 turns[1]: is empty'],
    ['turns without end', lines({ turns: Array(101).fill('a') }), 'FILE:1 turns: has 101 turns, more than 100'],
    ['an id that is no id', lines({ uid: 1.5, prompt: 'a' }), 'FILE:1 uid: must be a text'],
    ['metadata beyond all measure', lines({ prompt: 'a', log: 'x'.repeat(1024 * 1024) }), 'FILE:1: has more than 1 MB'],
    ['a number beyond all numbers', '{"prompt":"a","n":[1e400]}\n', 'FILE:1: has a number that is too large'],
    [
      'a turn left open in messages',
      lines({ messages: [{ role: 'assistant', content: null }] }),
      'FILE:1 messages[0].content: must be a text',
    ],
    ['no messages', lines({ messages: [] }), 'FILE:1 messages: is empty'],
    [
      'a role that there is not',
      lines({ messages: [{ role: 'human', content: 'a' }] }),
      'FILE:1 messages[0].role: must be one of',
    ],
    [
      'an assistant’s last word',
      lines({ messages: [{ role: 'assistant', content: 'a' }] }),
      'FILE:1 messages[0].role: is assistant, but',
    ],
    [
      'a part without text',
      lines({ messages: [{ role: 'user', content: [{ type: 'text' }] }] }),
      'FILE:1 messages[0].content[0]: must be',
    ],
    [
      'a mistyped field of a message',
      lines({ messages: [{ role: 'user', content: 'a', toolcalls: [] }] }),
      'messages[0].toolcalls: unknown',
    ],
    [
      'a requirement without a kind',
      lines({ prompt: 'a', requirements: ['german'] }),
      'FILE:1 requirements[0]: must be a kind',
    ],
    ['a line beyond all measure', `{"prompt":"${'x'.repeat(5 * 1024 * 1024)}"}\n`, 'FILE:1: is longer than 5 MB'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d, 0x0a]), 'FILE:1: is not UTF-8 text'],
    ['endless nesting', `{"messages":${'['.repeat(200_000)}`, 'FILE:1: is n'],
    ['nothing at all', '', 'FILE: has no prompts'],
    ['only blank lines', '\n\n', 'FILE: has no prompts'],
  ])('%s is told with its place', async (_, content, expected) => {
    expect((await told(content))[0]).toContain(expected);
  });

  test('a mistyped field suggests the one that was meant', async () => {
    const { problems } = await refusalOf(lines({ promt: 'a' }));
    expect(problems[0]).toMatchObject({
      message: 'has no prompt',
      hint: expect.stringContaining('did you mean prompt'),
    });
  });

  test('is told of every line: the first twenty and how many there are', async () => {
    const { problems, total } = await refusalOf('x\n'.repeat(33));
    expect(problems).toHaveLength(20);
    expect(total).toBe(33);
  });

  test('a missing file and a folder are told', async () => {
    await expect(readPrompts(path.join(dir, 'none'))).rejects.toThrow('there is no such file');
    await expect(readPrompts(dir)).rejects.toThrow('is a folder');
  });
});

test('any JSON value in a line is either a prompt or told with its line', async () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
  const message = fc.record(
    {
      role: fc.oneof(fc.constantFrom('user', 'system', 'assistant', 'tool'), text),
      content: fc.oneof(
        text,
        fc.jsonValue(),
        fc.array(fc.record({ type: fc.constantFrom('text', 'image_url'), text })),
      ),
      tool_calls: fc.jsonValue(),
      name: fc.oneof(text, fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const line = fc.oneof(
    fc.jsonValue({ maxDepth: 5 }),
    fc.record(
      {
        id: fc.jsonValue(),
        prompt: fc.oneof(text, fc.jsonValue()),
        messages: fc.array(message),
        instruction: text,
        input: fc.oneof(text, fc.jsonValue()),
        instances: fc.oneof(fc.array(fc.record({ input: text })), fc.jsonValue()),
        turns: fc.oneof(fc.array(text), fc.jsonValue()),
        lang: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (values) => {
      let read: NewPrompt[] = [];
      let bad = new Set<string>();
      try {
        read = await load(lines(...values));
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
        bad = new Set(error.problems.map(({ at = '' }) => at.slice(file.length).split(' ')[0] ?? ''));
        expect(error.total).toBe(error.problems.length);
        for (const where of bad) expect(where).toMatch(/^:[1-6]$/);
      }
      if (bad.size === 0) expect(read).toHaveLength(values.length);
      for (const { messages } of read) expect(messages.at(-1)?.role).toMatch(/^(?:user|tool)$/);
    }),
    { numRuns: 150 },
  );
});
