/** Asking over HTTP until there is an answer: whoever is asked may be away for a while, and people come back. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { Refused } from './shapes';

/** So that whoever reads a server's log sees who asked. */
const USER_AGENT = 'plumbline-simulation';
const TIMEOUT_MS = 20_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface Request {
  body?: object;
  /** Idempotency-Key: the same however often it is sent. */
  key?: string;
}

/** Done, or refused with a word for why. */
export type Reply<Body> = { ok: true; body: Body } | { ok: false; status: number; kind: string };

export class Patient {
  private away = false;

  /** @param url what paths are added to. */
  constructor(
    private readonly url: string,
    private readonly log: Logger,
    private readonly token?: string,
  ) {}

  get<S extends z.ZodType>(path: string, shape: S): Promise<Reply<z.infer<S>>> {
    return this.untilAnswered('GET', path, shape, {});
  }

  post<S extends z.ZodType>(path: string, shape: S, request: Request = {}): Promise<Reply<z.infer<S>>> {
    return this.untilAnswered('POST', path, shape, request);
  }

  /** One request at a time. No answer, one that is cut, "too many" and faults of the server's own are no answers. */
  private async untilAnswered<S extends z.ZodType>(
    method: string,
    path: string,
    shape: S,
    request: Request,
  ): Promise<Reply<z.infer<S>>> {
    for (let failed = 0; ; failed += 1) {
      const answered = await this.ask(method, path, request).catch(codeOf);
      const reply = typeof answered === 'string' ? answered : readReply(answered, shape);
      this.note(typeof reply === 'string' ? reply : undefined);
      if (typeof reply !== 'string') return reply;
      await delay(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failed));
    }
  }

  private async ask(method: string, path: string, { body, key }: Request) {
    const headers = {
      'user-agent': USER_AGENT,
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(this.url + path, {
      method,
      headers,
      signal,
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: parsed(await response.text()) };
  }

  /** Said once when it begins and once when it is over. */
  private note(reason: string | undefined): void {
    if (reason !== undefined && !this.away) this.log.warn({ url: this.url, reason }, 'no answer; asking again');
    if (reason === undefined && this.away) this.log.info({ url: this.url }, 'answers again');
    this.away = reason !== undefined;
  }
}

/** @returns a text where it is no answer: why. */
function readReply<S extends z.ZodType>(
  { status, body }: { status: number; body: unknown },
  shape: S,
): Reply<z.infer<S>> | string {
  if (status >= 500 || status === 429 || status === 408) return `HTTP ${status}`;
  if (status < 300) {
    const read = shape.safeParse(body);
    return read.success ? { ok: true, body: read.data } : 'an answer of another kind';
  }
  const refused = Refused.safeParse(body);
  if (!refused.success) return `HTTP ${status} of another kind`;
  const { kind, code } = refused.data.error;
  return { ok: false, status, kind: kind ?? code ?? 'refused' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The code of a failed connection, such as ECONNREFUSED. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at.name === 'TimeoutError') return 'timeout';
  }
  return 'no connection';
}
