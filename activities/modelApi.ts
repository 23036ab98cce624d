/** One paid call through the OpenAI client, and what its outcome means for the item, the account and the next try. */
import OpenAI, { APIConnectionError, APIError } from 'openai';
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { CompletionRecord } from '../domain/completions';
import type { FrozenModel } from '../domain/spec';
import { canonicalJson, wellFormed, wellFormedJson } from '../domain/text';

export type ModelMessage = ChatCompletionMessageParam;

export interface Completion extends CompletionRecord {
  kind: 'completed';
}

/** Codes and numbers only: a provider's words may repeat the prompt. */
export interface CallFailure {
  kind: 'retryable' | 'rate-limited' | 'refused' | 'account-refused';
  errorCode: string;
  httpStatus: number | null;
  requestId: string | null;
  /** What the provider asked us to wait, in milliseconds; null if it did not say. */
  retryAfterMs: number | null;
}

/** @param baseUrl as stored with the account; @param apiKey read from the worker's environment. */
export function modelClient(baseUrl: string, apiKey: string): OpenAI {
  return new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0, organization: null, project: null, logLevel: 'off' });
}

/** Never throws for what a provider does: every outcome is a value. */
export async function complete(
  client: OpenAI,
  model: FrozenModel,
  messages: ModelMessage[],
  timeoutMs: number,
): Promise<Completion | CallFailure> {
  // The client's own timeout ends with the headers; this one holds until the last byte, as the call's claim does.
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { data, request_id } = await client.chat.completions
      .create(requestOf(model, messages), { signal, timeout: timeoutMs + 1_000 })
      .withResponse();
    const choice = data?.choices?.[0];
    if (!choice?.message) return failure('retryable', 'no-choice', 200, request_id);
    const { role: _role, ...rest } = choice.message;
    return {
      kind: 'completed',
      message: canonicalJson(wellFormedJson(JSON.parse(JSON.stringify({ ...rest, role: 'assistant' })))),
      requestId: word(request_id),
      returnedModel: word(data.model),
      fingerprint: word(data.system_fingerprint),
      finishReason: word(choice.finish_reason),
      promptTokens: count(data.usage?.prompt_tokens),
      completionTokens: count(data.usage?.completion_tokens),
    };
  } catch (error) {
    return signal.aborted ? failure('retryable', 'timeout', null, null) : failureOf(error);
  }
}

const LONGEST_WORD = 200;
const LARGEST_COUNT = 2 ** 31 - 1;

/** A provider's answer is not checked by the client: what is no short text or no count is left out, never an error. */
function word(value: unknown): string | null {
  return typeof value === 'string' ? wellFormed(value.slice(0, LONGEST_WORD)) : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_COUNT ? value : null;
}

function requestOf(model: FrozenModel, messages: ModelMessage[]): ChatCompletionCreateParamsNonStreaming {
  const system: ModelMessage[] = model.system === null ? [] : [{ role: 'system', content: model.system }];
  return {
    model: model.apiModel,
    messages: [...system, ...messages],
    ...(model.temperature === null ? {} : { temperature: model.temperature }),
    ...(model.topP === null ? {} : { top_p: model.topP }),
    ...(model.maxTokens === null ? {} : { max_tokens: model.maxTokens }),
    ...(model.seed === null ? {} : { seed: model.seed }),
  };
}

function failureOf(error: unknown): CallFailure {
  if (error instanceof APIConnectionError) return failure('retryable', 'unreachable', null, null);
  if (!(error instanceof APIError) || error.status === undefined) return failure('retryable', 'unreadable', null, null);
  const status: number = error.status;
  const requestId = error.requestID ?? null;
  const quota = error.code === 'insufficient_quota' || error.type === 'insufficient_quota';
  if (quota) return failure('account-refused', 'insufficient-quota', status, requestId);
  if (status === 401) return failure('account-refused', 'unauthorized', status, requestId);
  if (status === 403) return failure('account-refused', 'forbidden', status, requestId);
  if (status === 429) {
    return { ...failure('rate-limited', 'rate-limited', status, requestId), retryAfterMs: retryAfter(error.headers) };
  }
  if (status === 400 || status === 404 || status === 422)
    return failure('refused', `refused-${status}`, status, requestId);
  return { ...failure('retryable', `http-${status}`, status, requestId), retryAfterMs: retryAfter(error.headers) };
}

function failure(
  kind: CallFailure['kind'],
  errorCode: string,
  httpStatus: number | null,
  requestId: string | null | undefined,
): CallFailure {
  return { kind, errorCode, httpStatus, requestId: word(requestId), retryAfterMs: null };
}

/** `retry-after-ms`, or `Retry-After` as seconds or as an HTTP date (RFC 9110 §10.2.3), of any length. */
export function retryAfter(headers: Headers | undefined, now = Date.now()): number | null {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const value = headers?.get('retry-after')?.trim();
  if (!value) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
