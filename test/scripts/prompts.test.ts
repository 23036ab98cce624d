import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { ProblemsError } from '../../domain/problems';
import type { NewPrompt } from '../../domain/prompts';
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

  test('names prompts by their id, else by their line', async () => {
    const read = await load(lines({ id: 'first', prompt: 'a' }, { prompt: 'b' }, { id: 7, prompt: 'c' }));
    expect(read.map(({ externalId, position }) => [externalId, position])).toEqual([
      ['first', 0],
      ['2', 1],
      ['7', 2],
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

  test('is one set however often it is read, and another when a word changes', async () => {
    const hashOf = async (text: string) => {
      writeFileSync(file, text);
      return (await readPrompts(file)).hash;
    };
    const first = await hashOf(lines({ id: 'a', prompt: 'x' }));
    expect(await hashOf('{ "prompt" : "x", "id": "a", "note": "not part of it" }')).toBe(first);
    expect(await hashOf(lines({ id: 'a', prompt: 'y' }))).not.toBe(first);
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
    ['a line that is no object', '"just text"\n', 'FILE:1: is a text, not an object'],
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
      { id: fc.jsonValue(), prompt: fc.oneof(text, fc.jsonValue()), messages: fc.array(message), lang: fc.jsonValue() },
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
