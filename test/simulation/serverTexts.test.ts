/** The simulated server as base models are asked: a text in, a text out. */
import { transcriptOf } from '../../domain/transcripts';
import { MODELS } from '../../simulation/world/models';
import { World } from '../../simulation/world/world';
import type { RunningProcess } from '../setup/processes';
import { Caller } from '../setup/site';
import { clientOf as clientAt, content, SMALL, startServer, urlOf } from './simulatedServer';

let server: RunningProcess;
beforeAll(async () => {
  server = await startServer();
}, 30_000);
afterAll(() => server.kill());

const clientOf = (seed: string) => clientAt(urlOf(server), seed);
const PROMPT = 'Q: Why is the sky blue?\nA:';

function written(seed: string, prompt: string, requestSeed: number | null = null) {
  const model = MODELS.find(({ id }) => id === SMALL);
  if (!model) throw new Error('no model');
  return new World(seed, content).write(model, [{ role: 'user', content: prompt }], requestSeed);
}

test('a text is what the world’s model writes after it, with all that a client of OpenAI expects', async () => {
  const data = await clientOf('7').completions.create({ model: SMALL, prompt: PROMPT, seed: 3 });
  expect(data).toMatchObject({
    id: expect.stringMatching(/^cmpl-/),
    object: 'text_completion',
    model: SMALL,
    choices: [{ index: 0, finish_reason: 'stop', text: written('7', PROMPT, 3).content }],
    usage: { completion_tokens: expect.any(Number) },
  });
});

test('a text comes word by word where a stream is asked for', async () => {
  const request = { model: SMALL, prompt: PROMPT, stream_options: { include_usage: true } };
  const pieces: string[] = [];
  const chunks = [];
  for await (const chunk of await clientOf('7').completions.create({ ...request, stream: true })) {
    chunks.push(chunk);
    pieces.push(...chunk.choices.map(({ text }) => text));
  }
  expect(pieces.join('')).toBe(written('7', PROMPT).content);
  expect(pieces.length).toBeGreaterThan(3);
  const ends = chunks.flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason)).filter(Boolean);
  expect(ends).toEqual(['stop']);
  expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(10);
});

test('the truth of what followed a transcript is told of its messages', async () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Why?' },
  ];
  const { content: completion, truth } = written('8', transcriptOf(messages) ?? '');
  const ask = new Caller(urlOf(server)).post('/worlds/8/truth', { messages, completion });
  expect(await ask).toMatchObject({ status: 200, body: truth });
});

test('what cannot be done with a text is refused', async () => {
  const key = { authorization: 'Bearer any' };
  const send = (body: object) => new Caller(urlOf(server)).post('/worlds/7/v1/completions', body, key);
  for (const [body, param] of [
    [{ model: SMALL }, 'prompt'],
    [{ model: SMALL, prompt: ['a', 'b'] }, 'prompt'],
    [{ model: SMALL, prompt: PROMPT, echo: true }, 'echo'],
    [{ model: SMALL, prompt: PROMPT, n: 2 }, 'n'],
  ] as const) {
    expect(await send(body)).toMatchObject({ status: 400, body: { error: { param } } });
  }
});
