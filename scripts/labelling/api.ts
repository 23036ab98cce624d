/** The site as a labeller's program sees it: an address and a token, which appears in no message. */
import type { z } from 'zod';
import type { CommandError } from '../failures';
import { harmlessLine } from '../harmless';
import { Refusal } from './shapes';
import { notALabeller, notPlumbline, SiteAway, tokenRefused, unknownRound } from './troubles';

const TIMEOUT_MS = 20_000;

export interface Request {
  body?: object;
  /** Idempotency-Key. */
  key?: string;
  /** A last word, sent though the work is over: for so long it may take, ms. */
  partingMs?: number;
}

/** Done, or refused for a reason that the labeller can go on from. `now`: the site's clock, ms. */
export type Reply<Body> = { ok: true; body: Body; now: number } | { ok: false; status: number; error: Refusal };

export class SiteApi {
  /** @param over ends requests under way. */
  constructor(
    readonly url: string,
    private readonly token: string,
    private readonly over: AbortSignal,
  ) {}

  get<S extends z.ZodType>(path: string, shape: S): Promise<Reply<z.infer<S>>> {
    return this.send('GET', path, shape, {});
  }

  post<S extends z.ZodType>(path: string, shape: S, request: Request = {}): Promise<Reply<z.infer<S>>> {
    return this.send('POST', path, shape, request);
  }

  /**
   * @throws SiteAway if it may go better later; CommandError if this labeller cannot work here at all; the signal's reason
   * once the work is over.
   */
  private async send<S extends z.ZodType>(
    method: string,
    path: string,
    shape: S,
    request: Request,
  ): Promise<Reply<z.infer<S>>> {
    const { response, body } = await this.answered(method, path, request);
    const now = Date.parse(response.headers.get('date') ?? '') || Date.now();
    if (response.ok) {
      const read = shape.safeParse(body);
      if (!read.success) throw notPlumbline(this.url, response.status);
      return { ok: true, body: read.data, now };
    }
    const { data: refusal } = Refusal.safeParse(body);
    if (response.status >= 500) throw new SiteAway(this.url, said(response.status, refusal?.error.message));
    if (!refusal) throw notPlumbline(this.url, response.status);
    const fatal = fatalOf(response.status, refusal.error, this.url);
    if (fatal) throw fatal;
    return { ok: false, status: response.status, error: refusal.error };
  }

  private async answered(method: string, path: string, { body, key, partingMs }: Request) {
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const parting = partingMs !== undefined;
    const late = AbortSignal.timeout(partingMs ?? TIMEOUT_MS);
    const signal = parting ? late : AbortSignal.any([this.over, late]);
    try {
      const response = await fetch(this.url + path, {
        method,
        headers,
        signal,
        ...(body && { body: JSON.stringify(body) }),
      });
      return { response, body: parsed(await response.text()) };
    } catch (error) {
      if (!parting) this.over.throwIfAborted();
      throw new SiteAway(this.url, reasonOf(error));
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fatalOf(status: number, { kind, message }: Refusal, url: string): CommandError | undefined {
  if (status === 401) return tokenRefused(url);
  if (status === 403) return notALabeller(harmlessLine(message));
  return kind === 'unknown-round' ? unknownRound(url) : undefined;
}

function said(status: number, message: string | undefined): string {
  return message === undefined ? `HTTP ${status}` : `HTTP ${status}: ${harmlessLine(message)}`;
}

/** The code of a failed connection, such as ECONNREFUSED; messages may repeat what was sent. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS / 1000} s`;
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return 'no connection';
}
