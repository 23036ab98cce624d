import { retryAfter } from '../../activities/callFailure';
import { errorReply, type ModelServer, startModelServer } from '../setup/modelServer';
import { ask as askAt } from './asked';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer(() => ({ content: 'fine' }));
});
afterAll(() => server.close());

const ask = (timeoutMs = 2_000) => askAt(server.baseUrl, { timeoutMs });

test.each([
  [400, 'invalid_request', { kind: 'refused', errorCode: 'refused-400' }],
  [404, 'model_not_found', { kind: 'refused', errorCode: 'refused-404' }],
  [422, 'unprocessable', { kind: 'refused', errorCode: 'refused-422' }],
  [401, 'invalid_api_key', { kind: 'account-refused', errorCode: 'unauthorized' }],
  [403, 'forbidden', { kind: 'account-refused', errorCode: 'forbidden' }],
  [429, 'rate_limit_exceeded', { kind: 'rate-limited', errorCode: 'rate-limited' }],
  [429, 'insufficient_quota', { kind: 'account-refused', errorCode: 'insufficient-quota' }],
  [500, 'server_error', { kind: 'retryable', errorCode: 'http-500' }],
  [503, 'overloaded', { kind: 'retryable', errorCode: 'http-503' }],
])(
  'status %i with code %s is known for what it means, and nothing of the answer is kept',
  async (status, code, expected) => {
    server.answer = ({ body }) => errorReply(status, code, `you sent ${JSON.stringify(body)}`);
    const outcome = await ask();
    expect(outcome).toMatchObject({ ...expected, httpStatus: status, requestId: expect.stringMatching(/^req_/) });
    expect(JSON.stringify(outcome)).not.toContain('SECRET');
  },
);

test('an answer without a choice may be tried again', async () => {
  server.answer = () => ({ body: { id: 'x', choices: [] } });
  expect(await ask()).toMatchObject({ kind: 'retryable', errorCode: 'no-choice' });
});

test('an answer that is no JSON may be tried again', async () => {
  server.answer = () => ({ body: 'not an object' });
  expect(await ask()).toMatchObject({ kind: 'retryable' });
});

test('a call that takes too long ends at its timeout', async () => {
  server.answer = () => ({ content: 'late', delayMs: 600 });
  expect(await ask(100)).toMatchObject({ kind: 'retryable', errorCode: 'timeout' });
});

test('an endpoint that is not there may be tried again', async () => {
  const gone = await startModelServer(() => ({ content: 'never' }));
  await gone.close();
  // Whoever refuses the connection has heard nothing that could be paid for.
  expect(await askAt(gone.baseUrl, { timeoutMs: 2_000 })).toMatchObject({
    kind: 'retryable',
    errorCode: 'not-connected',
  });
});

test('settings that are not given are not sent', async () => {
  server.answer = () => ({ content: 'fine' });
  await ask();
  expect(server.requests.at(-1)?.body).toEqual({
    model: 'small-1',
    messages: [{ role: 'user', content: 'SECRET PROMPT' }],
  });
});

test('settings are sent as the round has them, over the fields that its spec adds', async () => {
  server.answer = () => ({ content: 'fine' });
  const model = {
    system: 'Be brief.',
    temperature: 0,
    topP: 0.5,
    maxTokens: 9,
    seed: 3,
    stop: ['END'],
    body: { seed: 4, stop: 'x', max_completion_tokens: 7, provider: { order: ['a'] } },
  };
  await askAt(server.baseUrl, { model, messages: [{ role: 'user', content: 'Why?' }] });
  expect(server.requests.at(-1)?.body).toEqual({
    model: 'small-1',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Why?' },
    ],
    temperature: 0,
    top_p: 0.5,
    max_tokens: 9,
    seed: 3,
    stop: ['END'],
    max_completion_tokens: 7,
    provider: { order: ['a'] },
  });
});

test('an account’s headers are sent with each call, over the client’s own', async () => {
  server.answer = () => ({ content: 'fine' });
  await askAt(server.baseUrl, { headers: { 'X-Project': 'eval', Authorization: 'Token abc' } });
  expect(server.requests.at(-1)?.headers).toMatchObject({ 'x-project': 'eval', authorization: 'Token abc' });
});

describe('Retry-After', () => {
  const now = Date.parse('Fri, 20 Nov 2026 12:00:00 GMT');
  test.each<[Record<string, string>, number | null]>([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '86400' }, 86_400_000],
    [{ 'retry-after-ms': '1500', 'retry-after': '7' }, 1_500],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:01:30 GMT' }, 90_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('%j is %p ms', (headers, expected) => {
    expect(retryAfter(new Headers(headers), now)).toBe(expected);
  });

  test('of no headers is unknown', () => {
    expect(retryAfter(undefined)).toBeNull();
  });
});
