import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { APIError } from 'openai';
import { hashJson } from '../../domain/text';
import { latencyOf } from '../../simulation/server/temper';
import { until } from '../setup/processes';
import { textAt } from '../setup/site';
import { CALM, clientOf, expected, MAIN, messagesOf, SMALL, startServer, urlOf } from './simulatedServer';

test('in trouble the first call of a request fails as real ones do, and the next succeeds', async () => {
  const troubled = await startServer({ PLUMBLINE_SIMULATION_TROUBLE: '1' });
  const client = clientOf(urlOf(troubled), '7');
  const statuses = new Set<number | undefined>();
  for (let i = 0; i < 12; i++) {
    const request = { model: SMALL, messages: messagesOf(i) };
    const error: APIError = await client.chat.completions.create(request).then(
      () => Promise.reject(new Error('it succeeded')),
      (failed) => failed,
    );
    statuses.add(error.status);
    if (error.status === 429) expect(error.headers?.get('retry-after')).toBe('1');
    expect(error.headers?.get('x-simulated')).toBe('plumbline');
    const { choices } = await client.chat.completions.create(request);
    expect(choices[0]?.message.content).toBe(expected('7', i).content);
  }
  expect(statuses).toEqual(new Set([429, 500]));
  await troubled.kill();
}, 30_000);

test('it takes the time that a request takes in that world', async () => {
  const usual = { meanMs: 150, jitter: 0.4 };
  const times = Array.from({ length: 2_000 }, (_, i) => latencyOf(usual, '7', String(i)));
  const mean = times.reduce((sum, one) => sum + one, 0) / times.length;
  expect(mean).toBeGreaterThan(140);
  expect(mean).toBeLessThan(160);
  expect(Math.min(...times)).toBeGreaterThan(20);
  expect(latencyOf(usual, '7', '0')).toBe(times[0]);
  expect(latencyOf({ ...usual, meanMs: 0 }, '7', '0')).toBe(0);

  const slow = await startServer({ PLUMBLINE_SIMULATION_LATENCY_MS: '300' });
  const latency = latencyOf({ ...usual, meanMs: 300 }, '7', hashJson([SMALL, messagesOf(0), null]));
  const from = performance.now();
  await clientOf(urlOf(slow), '7').chat.completions.create({ model: SMALL, messages: messagesOf(0) });
  expect(performance.now() - from).toBeGreaterThan(latency - 10);
  await slow.kill();
}, 30_000);

describe('its process', () => {
  test('told to stop, ends what it has begun to say, and ends well', async () => {
    const stopping = await startServer({ PLUMBLINE_SIMULATION_LATENCY_MS: '600' });
    const stream = await clientOf(urlOf(stopping), '7').chat.completions.create({
      model: SMALL,
      messages: messagesOf(0),
      stream: true,
    });
    let ended: Promise<number | null> | undefined;
    let text = '';
    for await (const { choices } of stream) {
      ended ??= stopping.stop();
      text += choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(expected('7', 0).content);
    expect(await ended).toBe(0);
  }, 30_000);

  test('ends by itself when whoever started it was killed', async () => {
    const { parent, pid } = await startByAnother();
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until('the server is gone', () => !isAlive(pid));
  }, 30_000);

  test('with settings that cannot be says so and ends with 2', async () => {
    const failed = startServer({ PLUMBLINE_SIMULATION_TROUBLE: '2', PLUMBLINE_SIMULATION_LATENCY_MS: 'long' });
    await expect(failed).rejects.toThrow(
      /ended with 2.*"at":"PLUMBLINE_SIMULATION_LATENCY_MS".*"at":"PLUMBLINE_SIMULATION_TROUBLE"/s,
    );
  }, 30_000);

  test('on a port that is taken says so and ends with 1', async () => {
    const first = await startServer();
    const failed = startServer({ PLUMBLINE_SIMULATION_PORT: new URL(urlOf(first)).port });
    await expect(failed).rejects.toThrow(/ended with 1.*EADDRINUSE/s);
    await first.kill();
  }, 30_000);
});

/** Has another process start the server, and tells both. */
async function startByAnother(): Promise<{ parent: ChildProcess; pid: number }> {
  const args = JSON.stringify(['--import', 'tsx', path.join(__dirname, '../..', MAIN)]);
  const script = `
    const child = require('node:child_process').spawn(process.execPath, ${args}, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', (said) => console.log(JSON.stringify({ pid: child.pid, ...JSON.parse(said) })));`;
  const parent = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...CALM },
  });
  const said = await new Promise<string>((resolve) => parent.stdout.once('data', (part) => resolve(String(part))));
  const { pid, ...listening } = JSON.parse(said);
  expect(textAt(listening, 'event')).toBe('listening');
  return { parent, pid };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
