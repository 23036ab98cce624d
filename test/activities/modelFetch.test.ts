import { createServer, type RequestListener, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { modelFetch } from '../../activities/modelFetch';
import { type ModelServer, startModelServer } from '../setup/modelServer';
import { ask } from './asked';

const ANSWER = JSON.stringify({
  model: 'm',
  choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: 'fine' } }],
});
const sockets = new Set<Socket>();
const open: (Server | SocketServer)[] = [];
let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer(() => ({ content: 'fine' }));
});
afterAll(async () => {
  await model.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server | SocketServer): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener) => listening(createServer({ keepAliveTimeout: 1 }, listener));

test('an endpoint that has moved within its origin is followed with the same question', async () => {
  const bodies: string[] = [];
  const moved = await serve((request, response) => {
    if (request.url === '/v1/chat/completions') response.writeHead(308, { location: '/v2/chat/completions' }).end();
    else {
      request.on('data', (part) => bodies.push(String(part)));
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER));
    }
  });
  expect(await ask(`${moved}/v1`)).toMatchObject({ kind: 'completed' });
  expect(bodies.join('')).toContain('SECRET PROMPT');
});

test('to another origin nothing is sent, no question and no key', async () => {
  const location = `${model.baseUrl}/chat/completions`;
  const moved = await serve((_, response) => response.writeHead(307, { location }).end());
  const before = model.requests.length;
  expect(await ask(`${moved}/v1`, { headers: { 'x-gateway-token': 'KEY' } })).toMatchObject({
    kind: 'retryable',
    errorCode: 'http-307',
  });
  expect(model.requests).toHaveLength(before);
});

test('an endpoint that sends one on and on is asked a few times only', async () => {
  let asked = 0;
  const round = await serve((_, response) => {
    asked += 1;
    response.writeHead(307, { location: '/v1/chat/completions' }).end();
  });
  expect(await ask(`${round}/v1`)).toMatchObject({ kind: 'retryable', errorCode: 'http-307' });
  expect(asked).toBe(6);
});

test('an error whose text breaks off keeps its status and how long it asks to wait', async () => {
  const torn = await serve((_, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'content-length': '100', 'retry-after': '7' });
    response.write('{"error":');
    setImmediate(() => response.destroy());
  });
  expect(await ask(`${torn}/v1`)).toMatchObject({ kind: 'rate-limited', httpStatus: 429, retryAfterMs: 7_000 });
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('an answer that comes packed by %s all the same is unpacked', async (encoding, pack) => {
  const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
  const packing = await serve((_, response) => response.writeHead(200, headers).end(pack(ANSWER)));
  expect(await ask(`${packing}/v1`)).toMatchObject({ kind: 'completed' });
});

test('a packed answer that breaks off is an answer that did not come', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const torn = await serve((_, response) => response.writeHead(200, headers).end(gzipSync(ANSWER).subarray(0, 40)));
  expect(await ask(`${torn}/v1`)).toMatchObject({ kind: 'retryable', errorCode: 'unreachable' });
});

test('a call ends at its time also where the connection never comes to be', async () => {
  const mute = (await listening(createSocketServer((socket) => void sockets.add(socket)))).replace('http:', 'https:');
  const began = performance.now();
  expect(await ask(`${mute}/v1`, { timeoutMs: 200 })).toMatchObject({ kind: 'retryable', errorCode: 'timeout' });
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('a status that no standard knows is a failure like any other', async () => {
  const odd = await serve((_, response) => response.writeHead(999).end('odd'));
  expect(await ask(`${odd}/v1`)).toMatchObject({ kind: 'retryable', errorCode: 'http-599' });
});

test('who hangs up in the middle of a request or of an answer may have been paid: the call was made', async () => {
  const deaf = await listening(createSocketServer((socket) => void socket.once('data', () => socket.destroy())));
  expect(await ask(`${deaf}/v1`)).toMatchObject({ kind: 'retryable', errorCode: 'unreachable' });
  const torn = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"choices":');
    setImmediate(() => response.destroy());
  });
  expect(await ask(`${torn}/v1`)).toMatchObject({ kind: 'retryable', errorCode: 'unreachable' });
});

test('answers are asked for unpacked, with every header as it was given', async () => {
  await ask(model.baseUrl, { headers: { 'x-team': 'red' } });
  expect(model.requests.at(-1)?.headers).toMatchObject({ 'accept-encoding': 'identity', 'x-team': 'red' });
});

test('an answer’s headers come as they are, also those that come twice, and one without a body is empty', async () => {
  const url = await serve((_, response) =>
    response.writeHead(204, { 'x-limit': ['a', 'b'], 'retry-after': '7' }).end(),
  );
  const response = await modelFetch(url, { method: 'POST', body: '{}' });
  expect([response.status, response.headers.get('x-limit'), response.headers.get('retry-after')]).toEqual([
    204,
    'a, b',
    '7',
  ]);
  expect(await response.text()).toBe('');
});

test('an aborted call throws the reason it was aborted with', async () => {
  const url = await serve(() => undefined);
  const stop = new AbortController();
  const asked = modelFetch(url, { method: 'POST', body: '{}', signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
});

test('only text is sent', async () => {
  await expect(modelFetch(model.baseUrl, { method: 'POST', body: new FormData() })).rejects.toThrow('only text');
});

test('requests go through the proxy of the environment where Node is told to use it', async () => {
  const through: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, client) => {
    through.push(request.url ?? '');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const far = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      far.pipe(client).pipe(far);
    });
    far.on('error', () => client.destroy());
    client.on('error', () => far.destroy());
  });
  const address = await listening(proxy);
  const before = { ...process.env };
  Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', http_proxy: address, no_proxy: '' });
  try {
    await jest.isolateModulesAsync(async () => {
      const { modelFetch: anew } = jest.requireActual<{ modelFetch: typeof modelFetch }>('../../activities/modelFetch');
      const init = { method: 'POST', body: JSON.stringify({ model: 'm', messages: [] }) };
      const response = await anew(`${model.baseUrl}/chat/completions`, { ...init, headers: { connection: 'close' } });
      expect(response.status).toBe(200);
    });
  } finally {
    process.env = before;
  }
  expect(through).toEqual([new URL(model.baseUrl).host]);
});
