import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { z } from 'zod';
import { Patient } from '../../simulation/people/patience';

/** How a request fares; `cut`: it is heard, and never answered. */
type Fate = 'cut' | { status: number; body: string };

let server: Server;
let fates: Fate[];
let heard: { headers: IncomingHttpHeaders; body: string }[];
let inFlight = 0;
beforeEach(async () => {
  heard = [];
  server = createServer(async (request, response) => {
    inFlight += 1;
    expect(inFlight).toBe(1);
    let body = '';
    for await (const part of request) body += part;
    heard.push({ headers: request.headers, body });
    const fate = fates.shift();
    inFlight -= 1;
    if (fate === undefined || fate === 'cut') request.socket.destroy();
    else response.writeHead(fate.status).end(fate.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterEach(() => new Promise((closed) => server.close(closed)));

const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
const patient = () => new Patient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, log, 'plt_secret');
const Saved = z.object({ labelId: z.string() });
const saved: Fate = { status: 200, body: '{"labelId":"1"}' };
const gone: Fate = { status: 410, body: '{"error":{"kind":"too-late","message":"no"}}' };

test('what is not answered is asked again, the same, until it is; it says who asks', async () => {
  fates = [
    'cut',
    { status: 503, body: '{"error":{"kind":"postgres-unreachable"}}' },
    { status: 200, body: 'ok' },
    saved,
  ];
  const reply = await patient().post('/label', Saved, { body: { answers: { verdict: 'aligned' } }, key: 'k' });
  expect(reply).toEqual({ ok: true, body: { labelId: '1' } });
  expect(heard).toHaveLength(4);
  for (const { headers, body } of heard) {
    expect(headers).toMatchObject({
      'user-agent': 'plumbline-simulation',
      'idempotency-key': 'k',
      authorization: 'Bearer plt_secret',
    });
    expect(body).toBe('{"answers":{"verdict":"aligned"}}');
  }
  const said = lines.join('');
  expect(said.match(/no answer; asking again/g)).toHaveLength(1);
  expect(said.match(/answers again/g)).toHaveLength(1);
  expect(said).not.toContain('plt_secret');
});

test('a refusal is an answer, "too many requests" is none', async () => {
  fates = [{ status: 429, body: '{"error":{"code":"rate_limited"}}' }, gone];
  expect(await patient().post('/label', Saved)).toEqual({ ok: false, status: 410, kind: 'too-late' });
  fates = [{ status: 404, body: '{"error":{"message":"no","code":"unknown_completion"}}' }];
  expect(await patient().get('/truth', Saved)).toEqual({ ok: false, status: 404, kind: 'unknown_completion' });
});
