/** What the simulated server knows of its load, so that others can be held to their limits. */
import OpenAI, { APIError } from 'openai';
import { hashText } from '../../domain/text';
import type { RunningProcess } from '../setup/processes';
import { Caller } from '../setup/site';
import { messagesOf, SMALL, startServer, urlOf } from './simulatedServer';

/** Long enough for calls that begin together to be in flight together, however busy the machine is. */
const SLOW = { PLUMBLINE_SIMULATION_LATENCY_MS: '2500', PLUMBLINE_SIMULATION_JITTER: '0' };
const running: RunningProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.kill();
});

async function start(env: Record<string, string>) {
  const server = await startServer(env);
  running.push(server);
  const url = urlOf(server);
  return {
    load: async (path = '/load') => {
      const caller = new Caller(url);
      return (await (path === '/load' ? caller.get(path) : caller.post(path))).body;
    },
    client: (apiKey: string) =>
      new OpenAI({ baseURL: `${url}/worlds/7/v1`, apiKey, maxRetries: 0, logLevel: 'off' }).chat.completions,
  };
}
const request = (i: number) => ({ model: SMALL, messages: messagesOf(i) });
const keyed = (key: string) => hashText(`Bearer ${key}`).slice(0, 8);

test('calls in flight are counted, all together and under each key, streams until their end', async () => {
  const { client, load } = await start(SLOW);
  await Promise.all([
    ...[0, 1, 2].map((i) => client('a').create(request(i))),
    client('b')
      .create({ ...request(3), stream: true })
      .then(async (stream) => {
        for await (const _ of stream);
      }),
  ]);
  const none = { inFlight: 0, refused: 0 };
  expect(await load()).toEqual({
    ...none,
    most: 4,
    answered: 4,
    byKey: { [keyed('a')]: { ...none, most: 3, answered: 3 }, [keyed('b')]: { ...none, most: 1, answered: 1 } },
  });
  expect(await load('/load/reset')).toMatchObject({ ...none, most: 0, answered: 0 });
  await expect(client('a').create({ ...request(0), model: 'none' })).rejects.toBeInstanceOf(APIError);
  expect(await load()).toMatchObject({ ...none, most: 1, answered: 0 });
}, 60_000);

test('one call more than may be in flight under a key is refused, and told when to come again', async () => {
  const { client, load } = await start({ ...SLOW, PLUMBLINE_SIMULATION_PERMITS: '2' });
  const calls = [0, 1, 2].map((i) => client('a').create(request(i)));
  const ends = await Promise.allSettled([...calls, client('b').create(request(3))]);
  const [refused, ...others] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  expect(others).toEqual([]);
  expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await load()).toMatchObject({ most: 3, answered: 3, refused: 1, byKey: { [keyed('a')]: { most: 2 } } });
  await client('a').create(request(2));
}, 60_000);

test('without jitter no call is answered sooner than the mean', async () => {
  const { client } = await start({ ...SLOW, PLUMBLINE_SIMULATION_LATENCY_MS: '150' });
  await client('a').create(request(0));
  for (const i of [1, 2, 3, 4]) {
    const from = performance.now();
    await client('a').create(request(i));
    expect(performance.now() - from).toBeGreaterThan(148);
  }
}, 60_000);
