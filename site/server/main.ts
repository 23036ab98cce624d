/**
 * The site's process. Prints one line of JSON when it is ready; logs to stderr. On SIGTERM or SIGINT it takes no new
 * connections, answers what is under way, and ends with 0.
 */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { z } from '@hono/zod-openapi';
import pino from 'pino';
import { connect } from '../../db/connection';
import { createApp } from './app';

const Environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
  /** 0: any free one. */
  PLUMBLINE_SITE_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  PLUMBLINE_SITE_HOST: z.string().min(1).default('127.0.0.1'),
  PLUMBLINE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** Requests under way may take this long to end before their connections are cut. */
const GRACE_MS = 10_000;
/** An act holds one for a few milliseconds: more of them would only wait for each other in Postgres. */
const CONNECTIONS = 10;

function main(environment: z.infer<typeof Environment>): void {
  const log = pino({ name: 'site', level: environment.PLUMBLINE_LOG_LEVEL }, pino.destination(2));
  const { db, close } = connect(environment.DATABASE_URL, { max: CONNECTIONS, name: 'plumbline site' });
  const app = createApp({ db, log, postgres: withoutCredentials(environment.DATABASE_URL) });
  const server = createAdaptorServer({ fetch: app.fetch });
  if (!('closeAllConnections' in server)) throw new Error('not an HTTP/1 server');

  server.once('error', (error: NodeJS.ErrnoException) => {
    tell('cannot-listen', `cannot listen on ${environment.PLUMBLINE_SITE_HOST}: ${error.code}`, 'PLUMBLINE_SITE_PORT');
    process.exit(1);
  });
  server.listen(environment.PLUMBLINE_SITE_PORT, environment.PLUMBLINE_SITE_HOST, () => {
    const url = urlOf(server.address());
    process.stdout.write(`${JSON.stringify({ event: 'listening', url })}\n`);
  });

  const stop = () => {
    log.info('stopping');
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(async () => {
      clearInterval(idle);
      clearTimeout(cut);
      await close();
      process.exit(0);
    });
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/** Host, port and database. */
function withoutCredentials(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return host + pathname;
}

function tell(kind: string, message: string, at: string): void {
  process.stderr.write(`${JSON.stringify({ error: { kind, message, at } })}\n`);
}

const environment = Environment.safeParse(process.env);
if (environment.success) {
  main(environment.data);
} else {
  for (const { path, message } of environment.error.issues) tell('environment', message, String(path[0]));
  process.exit(2);
}
