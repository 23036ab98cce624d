/** One paid call through the OpenAI client: chat or plain text, whole or as a stream. */
import OpenAI, { APIError } from 'openai';
import type { CompletionRecord } from '../domain/completions';
import type { FrozenModel } from '../domain/spec';
import { canonicalJson, wellFormedJson } from '../domain/text';
import { type CallFailure, failure, failureInStream, failureOf, word } from './callFailure';
import { type Answer, answerOf, Gathered } from './modelAnswer';
import { modelFetch } from './modelFetch';
import { type ModelMessage, type ModelRequest, requestOf } from './modelRequest';

export type { CallFailure } from './callFailure';
export type { ModelMessage } from './modelRequest';

export interface Completion extends CompletionRecord {
  kind: 'completed';
}

/**
 * @param baseUrl as stored with the account; @param apiKey read from the worker's environment.
 * @param headers sent with each call, secrets among them read from the worker's environment.
 */
export function modelClient(baseUrl: string, apiKey: string, headers: Readonly<Record<string, string>> = {}): OpenAI {
  return new OpenAI({
    baseURL: baseUrl,
    apiKey,
    defaultHeaders: headers,
    maxRetries: 0,
    organization: null,
    project: null,
    logLevel: 'off',
    fetch: modelFetch,
  });
}

/**
 * Never throws for what a provider does: every outcome is a value.
 * @param model as it is asked: with its variant's settings and its repetition's seed.
 */
export async function complete(
  client: OpenAI,
  model: FrozenModel,
  messages: readonly ModelMessage[],
  timeoutMs: number,
  { stream }: { stream: boolean },
): Promise<Completion | CallFailure> {
  const request = requestOf(model, messages);
  if (!request) return failure('refused', 'not-text', null, null);
  // The client's own timeout ends with the headers; this one holds until the last byte, as the call's claim does.
  const signal = AbortSignal.timeout(timeoutMs);
  const options = { signal, timeout: timeoutMs + 1_000 };
  try {
    const { answer, requestId, failed } = await (stream ? streamed : whole)(client, request, options);
    if (answer) return { kind: 'completed', ...recordOf(answer), requestId: word(requestId) };
    if (signal.aborted) return failure('retryable', 'timeout', null, null);
    return failed ?? failure('retryable', 'no-choice', 200, requestId);
  } catch (error) {
    return signal.aborted ? failure('retryable', 'timeout', null, null) : failureOf(error);
  }
}

interface Answered {
  answer: Answer | undefined;
  requestId: string | null;
  /** Where there is no answer. */
  failed?: CallFailure;
}

interface CallOptions {
  signal: AbortSignal;
  timeout: number;
}

async function whole(client: OpenAI, { api, body }: ModelRequest, options: CallOptions): Promise<Answered> {
  const { data, request_id } = await (api === 'chat'
    ? client.chat.completions.create(body, options).withResponse()
    : client.completions.create(body, options).withResponse());
  return { answer: answerOf(data), requestId: request_id };
}

async function streamed(client: OpenAI, request: ModelRequest, options: CallOptions): Promise<Answered> {
  const { data, request_id: requestId } = await openStream(client, request, options);
  const gathered = new Gathered();
  try {
    for await (const chunk of data) gathered.add(chunk);
  } catch (error) {
    const told = error instanceof APIError;
    // What breaks after the model has ended costs the count of tokens at most.
    return { answer: told ? undefined : gathered.answer(), requestId, failed: failureInStream(error, requestId) };
  }
  return { answer: gathered.answer(), requestId, failed: failure('retryable', 'stream-broken', 200, requestId) };
}

/** Clients of endpoints that refuse to count tokens in a stream. */
const uncounted = new WeakSet<OpenAI>();

async function openStream(client: OpenAI, request: ModelRequest, options: CallOptions) {
  if (uncounted.has(client)) return begin(client, request, options, false);
  try {
    return await begin(client, request, options, true);
  } catch (error) {
    // Not every endpoint names what it does not take: a refused call costs nothing, so it is sent once more without.
    if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) throw error;
    const opened = await begin(client, request, options, false);
    uncounted.add(client);
    return opened;
  }
}

function begin(client: OpenAI, { api, body }: ModelRequest, options: CallOptions, counted: boolean) {
  const stream = { stream: true as const, ...(counted && { stream_options: { include_usage: true } }) };
  return api === 'chat'
    ? client.chat.completions.create({ ...body, ...stream }, options).withResponse()
    : client.completions.create({ ...body, ...stream }, options).withResponse();
}

function recordOf({ message, ...answer }: Answer): Omit<CompletionRecord, 'requestId'> {
  return {
    message: canonicalJson(wellFormedJson(message)),
    returnedModel: word(answer.returnedModel),
    fingerprint: word(answer.fingerprint),
    finishReason: word(answer.finishReason),
    promptTokens: count(answer.usage?.prompt_tokens),
    completionTokens: count(answer.usage?.completion_tokens),
  };
}

const LARGEST_COUNT = 2 ** 31 - 1;

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_COUNT ? value : null;
}
