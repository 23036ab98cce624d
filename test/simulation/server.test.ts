import type OpenAI from 'openai';
import { cutAfter } from '../../simulation/server/tokens';
import { MODELS } from '../../simulation/world/models';
import { World } from '../../simulation/world/world';
import type { RunningProcess } from '../setup/processes';
import { Caller } from '../setup/site';
import {
  clientOf as clientAt,
  content,
  expected,
  type Messages,
  messagesOf,
  SMALL,
  startServer,
  urlOf,
} from './simulatedServer';

let server: RunningProcess;
let url: string;
beforeAll(async () => {
  server = await startServer();
  url = urlOf(server);
}, 30_000);
afterAll(() => server.kill());

const clientOf = (seed: string) => clientAt(url, seed);

async function streamOf(client: OpenAI, request: Omit<OpenAI.ChatCompletionCreateParamsStreaming, 'stream' | 'model'>) {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of await client.chat.completions.create({ ...request, model: SMALL, stream: true }))
    chunks.push(chunk);
  const pieces = chunks.flatMap(({ choices }) => choices[0]?.delta.content ?? []);
  return {
    chunks,
    pieces,
    text: pieces.join(''),
    ends: chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []),
  };
}

test('the server says where it listens, on this machine only', () => {
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

describe('a completion', () => {
  test('is what the world’s model writes, with all that a client of OpenAI expects', async () => {
    const { data, response } = await clientOf('7')
      .chat.completions.create({ model: SMALL, messages: messagesOf(0) })
      .withResponse();
    expect(data).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      model: SMALL,
      system_fingerprint: expect.stringMatching(/^fp_/),
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: expected('7', 0).content } }],
    });
    const { usage } = data;
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(usage?.completion_tokens).toBeGreaterThan(3);
    expect(response.headers.get('x-simulated')).toBe('plumbline');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  });

  test('comes word by word where a stream is asked for, with its usage at the end', async () => {
    const request = { messages: messagesOf(1), stream_options: { include_usage: true } };
    const { chunks, pieces, text, ends } = await streamOf(clientOf('7'), request);
    expect(text).toBe(expected('7', 1).content);
    expect(pieces.filter((piece) => /\S\s+\S/.test(piece))).toEqual([]);
    expect(ends).toEqual(['stop']);
    const plain = await clientOf('7').chat.completions.create({ model: SMALL, messages: messagesOf(1) });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: plain.usage });
    expect(chunks.filter(({ usage }) => usage)).toHaveLength(1);
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set([plain.id]));
  });

  test('that is streamed has no usage where none is asked for', async () => {
    const { chunks } = await streamOf(clientOf('7'), { messages: messagesOf(1) });
    expect(chunks.filter((chunk) => 'usage' in chunk)).toEqual([]);
  });

  test('stops at the length that is asked for, and says so', async () => {
    const cut = { content: cutAfter(expected('7', 2).content, 5).content, finish: 'length' };
    const client = clientOf('7');
    const { choices, usage } = await client.chat.completions.create({
      model: SMALL,
      messages: messagesOf(2),
      max_tokens: 5,
    });
    expect({ content: choices[0]?.message.content, finish: choices[0]?.finish_reason }).toEqual(cut);
    expect(usage?.completion_tokens).toBe(5);
    const { text, ends } = await streamOf(client, { messages: messagesOf(2), max_completion_tokens: 5 });
    expect({ content: text, finish: ends[0] }).toEqual(cut);
  });

  test('follows from world, model, prompt and the request’s own seed alone', async () => {
    for (const [seed, model, requestSeed] of [
      ['8', SMALL, 1],
      ['a world', 'sim-large', null],
    ] as const) {
      const request = { model, messages: messagesOf(3), seed: requestSeed, temperature: 0.3 };
      const { choices } = await clientOf(encodeURIComponent(seed)).chat.completions.create(request);
      expect(choices[0]?.message.content).toBe(expected(seed, 3, model, requestSeed).content);
    }
  });
});

test('the models are listed', async () => {
  const listed = await clientOf('7').models.list();
  expect(listed.data.map(({ id }) => id)).toEqual(MODELS.map(({ id }) => id));
});

test('a world tells that it is simulated, what its models can do, and how often they are really misaligned', async () => {
  const { status, body, headers } = await new Caller(url).get('/worlds/7');
  expect(status).toBe(200);
  expect(headers.get('x-simulated')).toBe('plumbline');
  expect(body).toEqual(JSON.parse(JSON.stringify(new World('7', content).describe())));
  expect(body).toMatchObject({
    simulated: true,
    seed: '7',
    models: [
      { model: 'sim-small', family: 'sim', parameters: 1.1e9, regime: 'chat', capabilities: { 'many-at-once': false } },
      { model: 'sim-medium', parameters: 1.3e10 },
      { model: 'sim-large', parameters: 7e10, rate: expect.any(Number), faultRate: expect.any(Number) },
    ],
  });
});

describe('the truth of a completion', () => {
  const ask = (at: string, seed: string, messages: Messages, completion: string, model?: string) =>
    new Caller(at).post(`/worlds/${seed}/truth`, { messages, completion, model });

  test('is told of what was written, also by a server that was started again', async () => {
    const before = await startServer();
    const of = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({ i, ...expected('9', i) }));
    const told = async (at: string) =>
      Promise.all(of.map(({ i, content: text }) => ask(at, '9', messagesOf(i), text, SMALL)));
    const truths = of.map(({ truth }) => ({ status: 200, body: truth }));
    const { choices } = await clientAt(urlOf(before), '9').chat.completions.create({
      model: SMALL,
      messages: messagesOf(0),
    });
    expect(choices[0]?.message.content).toBe(of[0]?.content);
    expect(await told(urlOf(before))).toMatchObject(truths);
    await before.kill();
    const after = await startServer();
    expect(await told(urlOf(after))).toMatchObject(truths);
    await after.kill();
  }, 60_000);

  test('is not told of a text that no model of the world wrote', async () => {
    const answered = await ask(url, '9', messagesOf(0), `${expected('9', 0).content} And so on.`);
    expect(answered).toMatchObject({ status: 404, body: { error: { code: 'unknown_completion' } } });
  });

  test('is told of a completion that was asked for with a seed', async () => {
    const { content: text, truth } = expected('9', 1, SMALL, 5);
    await clientOf('9').chat.completions.create({ model: SMALL, messages: messagesOf(1), seed: 5 });
    expect(await ask(url, '9', messagesOf(1), text, SMALL)).toMatchObject({ status: 200, body: truth });
  });
});

describe('a call is refused', () => {
  const key = { authorization: 'Bearer any' };
  const send = (body: unknown, headers: Record<string, string> = key, at = '/worlds/7/v1/chat/completions') =>
    new Caller(url).post(at, body, headers);
  const sound = { model: SMALL, messages: [{ role: 'user', content: 'Hello' }] };

  test.each([
    ['a body without messages', { model: SMALL }, 'messages'],
    ['a body without a single message', { ...sound, messages: [] }, 'messages'],
    ['a role that there is not', { ...sound, messages: [{ role: 'cook', content: 'x' }] }, 'messages.0.role'],
    ['content that is no text', { ...sound, messages: [{ role: 'user', content: 7 }] }, 'messages.0.content'],
    ['no model', { messages: sound.messages }, 'model'],
    ['a length that is none', { ...sound, max_tokens: 0 }, 'max_tokens'],
    ['several choices', { ...sound, n: 2 }, 'n'],
    ['a list', [sound], null],
  ])('with 400 for %s', async (_, body, param) => {
    const { status, body: told } = await send(body);
    expect(status).toBe(400);
    expect(told).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', code: null, param },
    });
  });

  test('with 400 for what is no JSON', async () => {
    const { status, body, headers } = await new Caller(url).send('POST', '/worlds/7/truth', {}, '{"messages": ');
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
    expect(headers.get('x-simulated')).toBe('plumbline');
  });

  test('with 401 where there is no key at all', async () => {
    expect(await send(sound, {})).toMatchObject({ status: 401, body: { error: { code: 'invalid_api_key' } } });
    expect((await new Caller(url).get('/worlds/7/v1/models')).status).toBe(401);
  });

  test('with 404 for an unknown model or address', async () => {
    const unknown = { ...sound, model: 'sim-huge' };
    expect(await send(unknown)).toMatchObject({ status: 404, body: { error: { code: 'model_not_found' } } });
    const truth = { messages: sound.messages, completion: 'x', model: 'sim-huge' };
    expect((await send(truth, {}, '/worlds/7/truth')).status).toBe(404);
    const nowhere = await send(sound, key, '/worlds/7/v1/embeddings');
    expect(nowhere).toMatchObject({ status: 404, body: { error: { code: 'unknown_url' } } });
    expect(nowhere.headers.get('x-simulated')).toBe('plumbline');
  });
});
