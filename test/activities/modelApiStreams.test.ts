import { complete, modelClient } from '../../activities/modelApi';
import { errorReply, type ModelReply, type ModelServer, startModelServer } from '../setup/modelServer';
import { type Asking, ask as askAt, MODEL, SECRET } from './asked';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer(() => ({ content: 'fine' }));
});
afterAll(() => server.close());

const ask = (asking: Asking = {}) => askAt(server.baseUrl, { stream: true, ...asking });
const chunk = (delta: object | null, finish: string | null = null, beside: object = {}) => ({
  id: 'c',
  model: 'small-2026',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...beside,
});
const streamOf = (...events: unknown[]): ModelReply => ({ events });
const messageIn = (outcome: Awaited<ReturnType<typeof ask>>) =>
  outcome.kind === 'completed' ? JSON.parse(outcome.message) : outcome;

test('a streamed completion is the one that comes whole, with its count of tokens', async () => {
  for (const reply of [
    { content: 'Two words,\n  or more. ' },
    { content: null, message: { role: 'assistant', content: null, refusal: 'No.' } },
    { content: 'cut', finishReason: 'length' },
  ]) {
    server.answer = () => reply;
    const whole = await ask({ stream: false });
    expect(await ask()).toEqual({ ...whole, requestId: `req_${server.requests.length}` });
  }
  expect(server.requests.at(-1)?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
});

test('a base model’s text is streamed too', async () => {
  server.answer = () => ({ content: ' Paris, of course.' });
  const outcome = await ask({ model: { api: 'completions' } });
  expect(messageIn(outcome)).toEqual({ role: 'assistant', content: ' Paris, of course.' });
  expect(outcome).toMatchObject({ finishReason: 'stop', promptTokens: 7, completionTokens: 3 });
});

describe('pieces', () => {
  const call = (index: number, beside: object) => ({ tool_calls: [{ index, ...beside }] });

  test('of tool calls are put together by their index', async () => {
    server.answer = () =>
      streamOf(
        chunk({ role: 'assistant', content: null }),
        chunk(call(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '' } })),
        chunk(call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":' } })),
        chunk(call(1, { function: { arguments: '{}' } })),
        chunk(call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '1}' } })),
        chunk({}, 'tool_calls'),
      );
    const outcome = await ask();
    expect(messageIn(outcome)).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ],
    });
    expect(outcome).toMatchObject({ finishReason: 'tool_calls' });
  });

  test('of tool calls without an index are known by their id', async () => {
    const whole = (id: string) => ({ id, type: 'function', function: { name: id, arguments: '{}' } });
    server.answer = () => streamOf(chunk({ tool_calls: [whole('a')] }), chunk({ tool_calls: [whole('b')] }, 'stop'));
    expect(messageIn(await ask()).tool_calls).toEqual([whole('a'), whole('b')]);
  });

  test('of what only some endpoints say are put together like the others', async () => {
    server.answer = () =>
      streamOf(
        { id: 'c', model: '', choices: [], prompt_filter_results: [] },
        chunk({ role: 'assistant', content: '', reasoning_content: 'Let ' }),
        chunk({ role: 'assistant', content: null, reasoning_content: 'me.' }),
        chunk({ role: 'assistant', content: 'Yes', annotations: [{ n: 1 }] }),
        chunk({ content: '!', annotations: [{ n: 2 }] }, null, { usage: { prompt_tokens: 1, completion_tokens: 1 } }),
        chunk(null, 'stop', { usage: { prompt_tokens: 1, completion_tokens: 2 } }),
      );
    const outcome = await ask();
    expect(messageIn(outcome)).toEqual({
      role: 'assistant',
      content: 'Yes!',
      reasoning_content: 'Let me.',
      annotations: [{ n: 1 }, { n: 2 }],
    });
    expect(outcome).toMatchObject({ returnedModel: 'small-2026', promptTokens: 1, completionTokens: 2 });
  });
});

describe('an endpoint', () => {
  test('that counts no tokens in a stream leaves them unknown', async () => {
    server.answer = () => streamOf(chunk({ content: 'x' }, 'stop'));
    expect(await ask()).toMatchObject({ kind: 'completed', promptTokens: null, completionTokens: null });
  });

  test('that refuses to count them is asked without, and from then on at once', async () => {
    const client = modelClient(server.baseUrl, 'key');
    server.answer = ({ body }) => (body.stream_options ? errorReply(422, 'extra_forbidden') : { content: 'fine' });
    const before = server.requests.length;
    for (let i = 0; i < 2; i++) {
      const outcome = await complete(client, MODEL, SECRET, 5_000, { stream: true });
      expect(outcome).toMatchObject({ kind: 'completed', promptTokens: null });
    }
    expect(server.requests.length - before).toBe(3);
  });

  test('that refuses the prompt refuses it, stream or none', async () => {
    server.answer = () => errorReply(400, 'invalid_request');
    expect(await ask()).toMatchObject({ kind: 'refused', errorCode: 'refused-400', httpStatus: 400 });
    server.answer = () => errorReply(429, 'rate_limit_exceeded', 'no', { 'retry-after': '3' });
    expect(await ask()).toMatchObject({ kind: 'rate-limited', retryAfterMs: 3_000 });
  });
});

describe('a stream', () => {
  const half = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'half an' })];

  test.each<[string, ModelReply]>([
    ['whose connection breaks', { events: half, end: 'cut' }],
    ['that ends without an end', { events: half, end: 'silent' }],
    ['that is done before the model is', { events: half, end: 'done' }],
    ['that says what is no JSON', { events: [...half, '{"choices": ['] }],
    ['of nothing', { events: [], end: 'silent' }],
  ])('%s is tried again: half a completion is none', async (_, reply) => {
    server.answer = () => reply;
    for (const api of [undefined, 'completions' as const]) {
      const outcome = await ask(api && { model: { api } });
      expect(outcome).toMatchObject({ kind: 'retryable', errorCode: 'stream-broken', httpStatus: 200 });
      expect(outcome).toMatchObject({ requestId: expect.stringMatching(/^req_/) });
    }
  });

  test('that breaks after the model has ended has lost nothing but its count of tokens', async () => {
    server.answer = () => ({ events: [...half, chunk({ content: ' answer' }, 'stop')], end: 'cut' });
    const outcome = await ask();
    expect(messageIn(outcome)).toEqual({ role: 'assistant', content: 'half an answer' });
    expect(outcome).toMatchObject({ kind: 'completed', promptTokens: null });
  });

  test.each([
    [{ code: 'insufficient_quota' }, { kind: 'account-refused', errorCode: 'insufficient-quota' }],
    [{ type: 'rate_limit_error' }, { kind: 'rate-limited', errorCode: 'rate-limited' }],
    [{ code: 429 }, { kind: 'rate-limited', errorCode: 'rate-limited' }],
    [
      { code: 400, type: 'BadRequestError' },
      { kind: 'refused', errorCode: 'refused-400' },
    ],
    [{ code: '502' }, { kind: 'retryable', errorCode: 'http-502' }],
    [{ type: 'server_error' }, { kind: 'retryable', errorCode: 'stream-error' }],
  ])('in which the provider says %j is known for what it means', async (error, expected) => {
    const told = { error: { message: 'you sent SECRET PROMPT', ...error } };
    server.answer = () => ({ events: [...half, told], end: 'silent' });
    const outcome = await ask();
    expect(outcome).toMatchObject(expected);
    expect(JSON.stringify(outcome)).not.toContain('SECRET');
  });

  test('that does not end is given up at the timeout', async () => {
    server.answer = () => ({ events: half, end: 'open' });
    expect(await ask({ timeoutMs: 200 })).toMatchObject({ kind: 'retryable', errorCode: 'timeout' });
  });
});
