/** What a paid call's failure means for the item, the account and the next try. */
import { APIConnectionError, APIError } from 'openai';
import { wellFormed } from '../domain/text';

/** Codes and numbers only: a provider's words may repeat the prompt. */
export interface CallFailure {
  kind: 'retryable' | 'rate-limited' | 'refused' | 'account-refused';
  errorCode: string;
  httpStatus: number | null;
  requestId: string | null;
  /** What the provider asked us to wait, in milliseconds; null if it did not say. */
  retryAfterMs: number | null;
}

export function failure(
  kind: CallFailure['kind'],
  errorCode: string,
  httpStatus: number | null,
  requestId: string | null | undefined,
): CallFailure {
  return { kind, errorCode, httpStatus, requestId: word(requestId), retryAfterMs: null };
}

/** Of a call that was never answered as it should have been. */
export function failureOf(error: unknown): CallFailure {
  if (error instanceof APIConnectionError) {
    return failure('retryable', reachedNobody(error) ? 'not-connected' : 'unreachable', null, null);
  }
  if (!(error instanceof APIError) || error.status === undefined) return failure('retryable', 'unreadable', null, null);
  return failureOfStatus(error, error.status);
}

/** Errors of a connection that never came to be: nothing was sent over it. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function reachedNobody(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, errors }: { code?: unknown; cause?: unknown; errors?: unknown } = error;
  if (typeof code === 'string' && NEVER_CONNECTED.has(code)) return true;
  return reachedNobody(cause) || (Array.isArray(errors) && errors.some(reachedNobody));
}

/** Of a stream that had begun: broken, or ended by an error that the provider sent in it. */
export function failureInStream(error: unknown, requestId: string | null): CallFailure {
  if (!(error instanceof APIError)) return failure('retryable', 'stream-broken', 200, requestId);
  return failureOfStatus(error, statusInStream(error)) ?? failure('retryable', 'stream-error', 200, requestId);
}

/** Inside a stream some say a status as the code, others a word only. */
function statusInStream({ code, type }: APIError): number | null {
  const status = Number(code);
  if (Number.isInteger(status) && status >= 400 && status <= 599) return status;
  return [code, type].some((word) => word === 'rate_limit_exceeded' || word === 'rate_limit_error') ? 429 : null;
}

function failureOfStatus(error: APIError, status: number): CallFailure;
function failureOfStatus(error: APIError, status: number | null): CallFailure | null;
function failureOfStatus(error: APIError, status: number | null): CallFailure | null {
  const requestId = error.requestID ?? null;
  const quota = error.code === 'insufficient_quota' || error.type === 'insufficient_quota';
  if (quota) return failure('account-refused', 'insufficient-quota', status ?? 200, requestId);
  if (status === null) return null;
  if (status === 401) return failure('account-refused', 'unauthorized', status, requestId);
  if (status === 403) return failure('account-refused', 'forbidden', status, requestId);
  if (status === 429) {
    return { ...failure('rate-limited', 'rate-limited', status, requestId), retryAfterMs: retryAfter(error.headers) };
  }
  if (status === 400 || status === 404 || status === 422)
    return failure('refused', `refused-${status}`, status, requestId);
  return { ...failure('retryable', `http-${status}`, status, requestId), retryAfterMs: retryAfter(error.headers) };
}

const LONGEST_WORD = 200;

/** A provider's answer is not checked by the client: what is no short text is left out, never an error. */
export function word(value: unknown): string | null {
  return typeof value === 'string' ? wellFormed(value.slice(0, LONGEST_WORD)) : null;
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
