import { complete, modelClient, retryAfter } from '../../activities/modelApi';
import type { AccountId } from '../../domain/ids';
import type { FrozenModel } from '../../domain/spec';
import { errorReply, type ModelServer, startModelServer } from '../setup/modelServer';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer(() => ({ content: 'fine' }));
});
afterAll(() => server.close());

const model: FrozenModel = {
  id: 'small',
  apiModel: 'small-1',
  accountId: 'a' as AccountId,
  system: null,
  temperature: null,
  topP: null,
  maxTokens: null,
  seed: null,
  family: null,
  parameters: null,
  regime: null,
};
const ask = (timeoutMs = 2_000) =>
  complete(modelClient(server.baseUrl, 'key'), model, [{ role: 'user', content: 'SECRET PROMPT' }], timeoutMs);

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
  const outcome = await complete(
    modelClient('http://127.0.0.1:9/v1', 'key'),
    model,
    [{ role: 'user', content: 'x' }],
    500,
  );
  expect(outcome).toMatchObject({ kind: 'retryable', errorCode: 'unreachable' });
});

test('settings that are not given are not sent', async () => {
  server.answer = () => ({ content: 'fine' });
  await ask();
  expect(server.requests.at(-1)?.body).toEqual({
    model: 'small-1',
    messages: [{ role: 'user', content: 'SECRET PROMPT' }],
  });
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
