/** The site in the test's own process, on a port of its own, and callers who use it as outsiders would. */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import pino from 'pino';
import type { Db } from '../../db/connection';
import { createApp } from '../../site/server/app';

export interface TestSite {
  url: string;
  /** Everything that was logged. */
  log(): string;
  close(): Promise<void>;
}

export async function startSite(db: Db): Promise<TestSite> {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const server = createAdaptorServer({ fetch: createApp({ db, log, postgres: 'localhost:1/test' }).fetch });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => lines.join(''),
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

/** An answer as it came, and its body read as JSON. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  body: unknown;
}

/** A text inside a body: `textAt(body, 'assignment', 'id')`. */
export function textAt(body: unknown, ...path: string[]): string {
  let found: unknown = body;
  for (const key of path) found = new Map(Object.entries(Object(found))).get(key);
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(body)}`);
  return found;
}

export class Caller {
  constructor(
    private readonly url: string,
    private readonly token?: string,
  ) {}

  get(path: string): Promise<Answered> {
    return this.send('GET', path);
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    return body === undefined
      ? this.send('POST', path, headers)
      : this.send('POST', path, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
  }

  async send(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | ReadableStream,
  ): Promise<Answered> {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const response = await fetch(this.url + path, {
      method,
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  }
}
