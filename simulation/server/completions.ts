/** Chat completions as OpenAI's API gives them, whole or word by word. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { hashJson } from '../../domain/text';
import { MODELS } from '../world/models';
import type { World } from '../world/world';
import type { CompletionBody } from './bodies';
import { unknownModel } from './errors';
import { latencyOf, type Trouble } from './temper';
import { type Cut, cutAfter, piecesOf, promptTokens } from './tokens';

export interface Endpoint {
  world: World;
  trouble: Trouble;
  meanLatencyMs: number;
}

/** @throws Refusal for a model that there is not, and where the call is to fail. */
export async function complete(c: Context, { world, trouble, meanLatencyMs }: Endpoint, body: CompletionBody) {
  const model = modelNamed(body.model);
  const requestSeed = body.seed ?? null;
  const request = hashJson([model.id, body.messages, requestSeed]);
  trouble.befall(request);
  const { content } = world.write(model, body.messages, requestSeed);
  const cut = cutAfter(content, body.max_completion_tokens ?? body.max_tokens ?? null);
  const answer = { head: headOf(world.seed, model.id, request), cut, usage: usageOf(body, cut) };
  const latency = latencyOf(meanLatencyMs, world.seed, request);
  if (body.stream) return streamed(c, answer, latency, body.stream_options?.include_usage ?? false);
  if (latency > 0) await pause(latency);
  return c.json(whole(answer));
}

export function modelNamed(name: string) {
  const model = MODELS.find(({ id }) => id === name);
  if (!model) throw unknownModel(name);
  return model;
}

type Answer = { head: ReturnType<typeof headOf>; cut: Cut; usage: ReturnType<typeof usageOf> };

function headOf(seed: string, model: string, request: string) {
  return {
    id: `chatcmpl-${hashJson([seed, request]).slice(0, 29)}`,
    created: Math.floor(Date.now() / 1_000),
    model,
    system_fingerprint: `fp_${hashJson([seed, model]).slice(0, 10)}`,
  };
}

function usageOf({ messages }: CompletionBody, { tokens }: Cut) {
  const prompt = promptTokens(messages);
  return { prompt_tokens: prompt, completion_tokens: tokens, total_tokens: prompt + tokens };
}

function whole({ head, cut, usage }: Answer) {
  const message = { role: 'assistant', content: cut.content, refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: cut.finishReason }];
  return { ...head, object: 'chat.completion', choices, usage };
}

/** How often a stream stops for breath. */
const BREATHS = 10;

/** Half of the time passes before the first word, the rest between the words. */
function streamed(c: Context, { head, cut, usage }: Answer, latencyMs: number, withUsage: boolean): Response {
  const chunk = (choices: object[], spent: object | null = null) => ({
    data: JSON.stringify({
      ...head,
      object: 'chat.completion.chunk',
      choices,
      ...(withUsage && { usage: spent }),
    }),
  });
  const delta = (changed: object, finish_reason: string | null = null) =>
    chunk([{ index: 0, delta: changed, logprobs: null, finish_reason }]);
  const pieces = piecesOf(cut.content);
  const stride = Math.ceil(pieces.length / BREATHS);
  return streamSSE(c, async (stream) => {
    if (latencyMs > 0) await pause(latencyMs / 2);
    await stream.writeSSE(delta({ role: 'assistant', content: '' }));
    for (const [i, content] of pieces.entries()) {
      if (stream.aborted) return;
      if (latencyMs > 0 && i % stride === 0) await pause(latencyMs / 2 / BREATHS);
      await stream.writeSSE(delta({ content }));
    }
    await stream.writeSSE(delta({}, cut.finishReason));
    if (withUsage) await stream.writeSSE(chunk([], usage));
    await stream.writeSSE({ data: '[DONE]' });
  });
}
