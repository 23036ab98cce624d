/** Completions as OpenAI's API gives them, whole or word by word. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { hashJson } from '../../domain/text';
import { MODELS } from '../world/models';
import type { Message } from '../world/prompts';
import type { World } from '../world/world';
import type { CommonBody } from './bodies';
import { unknownModel } from './errors';
import type { Shape } from './shapes';
import { type Latency, latencyOf, type Trouble } from './temper';
import { type Cut, cutAfter, piecesOf, promptTokens } from './tokens';

export interface Endpoint {
  world: World;
  trouble: Trouble;
  latency: Latency;
}

export interface Asked {
  body: CommonBody;
  messages: readonly Message[];
  shape: Shape;
}

export interface Said {
  response: Response;
  /** Once the last of it is sent, or whoever asked is gone. */
  ended: Promise<void>;
}

/** @throws Refusal for a model that there is not, and where the call is to fail. */
export async function complete(c: Context, { world, trouble, latency }: Endpoint, asked: Asked): Promise<Said> {
  const { body, messages, shape } = asked;
  const model = modelNamed(body.model);
  const requestSeed = body.seed ?? null;
  const request = hashJson([model.id, messages, requestSeed]);
  trouble.befall(request);
  const { content } = world.write(model, messages, requestSeed);
  const cut = cutAfter(content, body.max_completion_tokens ?? body.max_tokens ?? null);
  const answer = { shape, head: headOf(world.seed, model.id, shape, request), cut, usage: usageOf(messages, cut) };
  const ms = latencyOf(latency, world.seed, request);
  if (body.stream) return streamed(c, answer, ms, body.stream_options?.include_usage ?? false);
  if (ms > 0) await pause(ms);
  return { response: c.json(whole(answer)), ended: Promise.resolve() };
}

export function modelNamed(name: string) {
  const model = MODELS.find(({ id }) => id === name);
  if (!model) throw unknownModel(name);
  return model;
}

interface Answer {
  shape: Shape;
  head: ReturnType<typeof headOf>;
  cut: Cut;
  usage: ReturnType<typeof usageOf>;
}

function headOf(seed: string, model: string, { prefix }: Shape, request: string) {
  return {
    id: prefix + request.slice(0, 29),
    created: Math.floor(Date.now() / 1_000),
    model,
    system_fingerprint: `fp_${hashJson([seed, model]).slice(0, 10)}`,
  };
}

function usageOf(messages: readonly Message[], { tokens }: Cut) {
  const prompt = promptTokens(messages);
  return { prompt_tokens: prompt, completion_tokens: tokens, total_tokens: prompt + tokens };
}

function whole({ shape, head, cut, usage }: Answer) {
  const choices = [{ index: 0, ...shape.whole(cut), logprobs: null, finish_reason: cut.finishReason }];
  return { ...head, object: shape.object, choices, usage };
}

/** How often a stream stops for breath. */
const BREATHS = 10;

/** Half of the time passes before the first word, the rest between the words. */
function streamed(c: Context, { shape, head, cut, usage }: Answer, latencyMs: number, withUsage: boolean): Said {
  const chunk = (choices: object[], spent: object | null = null) => ({
    data: JSON.stringify({ ...head, object: shape.part, choices, ...(withUsage && { usage: spent }) }),
  });
  const part = (said: object, finish_reason: string | null = null) =>
    chunk([{ index: 0, ...said, logprobs: null, finish_reason }]);
  const pieces = piecesOf(cut.content);
  const stride = Math.ceil(pieces.length / BREATHS);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const response = streamSSE(c, async (stream) => {
    try {
      if (latencyMs > 0) await pause(latencyMs / 2);
      if (shape.first) await stream.writeSSE(part(shape.first));
      for (const [i, text] of pieces.entries()) {
        if (stream.aborted) return;
        if (latencyMs > 0 && i % stride === 0) await pause(latencyMs / 2 / BREATHS);
        await stream.writeSSE(part(shape.word(text)));
      }
      await stream.writeSSE(part(shape.last, cut.finishReason));
      if (withUsage) await stream.writeSSE(chunk([], usage));
      await stream.writeSSE({ data: '[DONE]' });
    } finally {
      end();
    }
  });
  return { response, ended };
}
