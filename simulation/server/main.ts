/**
 * The simulated models' process. Prints one line of JSON when it is ready; logs to stderr. On SIGTERM or SIGINT it answers what
 * is under way and ends with 0; it also ends when whoever started it is gone.
 */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import pino from 'pino';
import { z } from 'zod';
import { ProblemsError } from '../../domain/problems';
import { Content } from '../world/content';
import { createApp } from './app';
import { whenOrphaned } from './parent';

/** Real ones are not to be mistaken for it: it is heard on this machine only. */
const HOST = '127.0.0.1';
/** Requests under way may take this long to end before their connections are cut. */
const GRACE_MS = 2_000;

const Environment = z.object({
  /** 0: any free one. */
  PLUMBLINE_SIMULATION_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  PLUMBLINE_SIMULATION_LATENCY_MS: z.coerce.number().min(0).max(600_000).default(150),
  /** How much latencies differ; 0: not at all. */
  PLUMBLINE_SIMULATION_JITTER: z.coerce.number().min(0).max(2).default(0.4),
  PLUMBLINE_SIMULATION_TROUBLE: z.coerce.number().min(0).max(1).default(0.02),
  /** Calls in flight under one key; one more is refused with 429. */
  PLUMBLINE_SIMULATION_PERMITS: z.coerce.number().int().min(1).optional(),
  PLUMBLINE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

function main(environment: z.infer<typeof Environment>): void {
  const log = pino({ name: 'simulation', level: environment.PLUMBLINE_LOG_LEVEL }, pino.destination(2));
  const app = createApp({
    content: Content.shipped(),
    log,
    latency: {
      meanMs: environment.PLUMBLINE_SIMULATION_LATENCY_MS,
      jitter: environment.PLUMBLINE_SIMULATION_JITTER,
    },
    trouble: environment.PLUMBLINE_SIMULATION_TROUBLE,
    permits: environment.PLUMBLINE_SIMULATION_PERMITS ?? null,
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  if (!('closeAllConnections' in server)) throw new Error('not an HTTP/1 server');

  server.once('error', (error: NodeJS.ErrnoException) => {
    tell('cannot-listen', `cannot listen on ${HOST}: ${error.code}`, 'PLUMBLINE_SIMULATION_PORT');
    process.exit(1);
  });
  server.listen(environment.PLUMBLINE_SIMULATION_PORT, HOST, () => {
    const url = `http://${HOST}:${portOf(server.address())}`;
    process.stdout.write(`${JSON.stringify({ event: 'listening', url })}\n`);
  });

  const stop = () => {
    log.info('stopping');
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearInterval(idle);
      process.exit(0);
    });
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  whenOrphaned(stop);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

function tell(kind: string, message: string, at?: string): void {
  process.stderr.write(`${JSON.stringify({ error: { kind, message, at } })}\n`);
}

const environment = Environment.safeParse(process.env);
if (environment.success) {
  try {
    main(environment.data);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    for (const { kind, message, at } of error.problems) tell(kind, message, at);
    process.exit(1);
  }
} else {
  for (const { path, message } of environment.error.issues) tell('environment', message, String(path[0]));
  process.exit(2);
}
