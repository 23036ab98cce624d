import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createSocketServer, type Server as SocketServer } from 'node:net';
import { modelFetch } from '../../activities/modelFetch';
import { type ModelServer, startModelServer } from '../setup/modelServer';
import { ask } from './asked';

const open: (Server | SocketServer)[] = [];
let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer(() => ({ content: 'fine' }));
});
afterAll(async () => {
  await model.close();
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server | SocketServer): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener) => listening(createServer({ keepAliveTimeout: 1 }, listener));

test('an endpoint that has moved is followed with the same question, and its key stays with whom it was meant for', async () => {
  const moved = await serve((_, response) =>
    response.writeHead(308, { location: `${model.baseUrl}/chat/completions` }).end(),
  );
  const asked = model.requests.length;
  expect(await ask(`${moved}/v1`)).toMatchObject({ kind: 'completed' });
  const [request] = model.requests.slice(asked);
  expect(request?.body.messages).toEqual([{ role: 'user', content: 'SECRET PROMPT' }]);
  expect(request?.authorization).toBeUndefined();
});

test('an endpoint that sends one on and on is as good as none', async () => {
  const round = await serve((_, response) => response.writeHead(307, { location: '/v1/chat/completions' }).end());
  expect(await ask(`${round}/v1`)).toMatchObject({ kind: 'retryable', errorCode: 'unreachable' });
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
