/**
 * A worker process: `rounds` runs workflows and database activities, `models` makes paid calls, `relay` delivers the
 * outbox. All three unless `--only` names one. Prints one line of JSON when it is ready.
 */
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { roundActivities } from '../activities';
import { generationActivities } from '../activities/generation';
import { connect } from '../db/connection';
import { checkSchema } from '../db/migrate';
import { taskQueues } from '../workflows/ids';
import { workflowBundle } from './bundle';
import { temporalSettings } from './connections';
import { safeErrors } from './errorInterceptor';
import { heartbeats } from './heartbeats';
import { workflowProbe } from './probe';
import { runRelay } from './relay';
import { lookForSearchAttributes } from './searchAttributes';

const PARTS = ['rounds', 'models', 'relay'] as const;
type Part = (typeof PARTS)[number];

/** Time for calls under way to be answered and saved when the worker is asked to stop. */
const GRACE = '30 seconds';
/** How soon another worker takes a workflow over whose own worker died: replaying a shard is cheap. */
const TAKEOVER = '3 seconds';
/** What the SDK warns of and our own log says better: the interceptor logs failures, and waiting is no failure. */
const SAID_BETTER: ReadonlySet<string> = new Set([
  'Activity failed',
  'No workflows registered, not polling for workflow tasks',
]);
const log = pino({ name: 'worker', level: process.env.PLUMBLINE_LOG_LEVEL ?? 'info' }, pino.destination(2));

async function main(parts: readonly Part[]): Promise<void> {
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL is not set: start the services with `plumbline up`');
  const stopping = new AbortController();
  const { db, close } = connect(databaseUrl, { max: 20, name: 'plumbline worker' });
  await checkSchema(db);

  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (SAID_BETTER.has(message)) return;
      log[level === 'ERROR' ? 'error' : 'warn']({
        sdk: message,
        workflowId: meta?.workflowId,
        taskQueue: meta?.taskQueue,
      });
    }),
  });
  const { connectionOptions, namespace } = temporalSettings();
  const queues = taskQueues(process.env);
  const native = await NativeConnection.connect(connectionOptions).catch(() => {
    const where = connectionOptions.address ?? 'localhost:7233';
    throw new Error(`Temporal does not answer at ${where}: start it with \`plumbline up\`, or set TEMPORAL_ADDRESS`);
  });
  const connection = await Connection.connect(connectionOptions);
  const client = new Client({ connection, namespace });
  const shared = { connection: native, namespace, interceptors: { activity: [heartbeats, safeErrors(log)] } };

  const workers: Worker[] = [];
  const search = await lookForSearchAttributes(connection, namespace);
  if (parts.includes('rounds')) {
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: queues.rounds,
        workflowBundle: await workflowBundle(),
        activities: roundActivities(db, workflowProbe(client), search.isSearchable),
        maxCachedWorkflows: 500,
        stickyQueueScheduleToStartTimeout: TAKEOVER,
        maxConcurrentActivityTaskExecutions: 16,
        shutdownGraceTime: GRACE,
      }),
    );
  }
  if (parts.includes('models')) {
    const keyOf = (variable: string) => process.env[variable];
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: queues.models,
        activities: generationActivities({ db, log, keyOf, stopping: stopping.signal }),
        maxConcurrentActivityTaskExecutions: 200,
        shutdownGraceTime: GRACE,
      }),
    );
  }
  const relay = parts.includes('relay')
    ? runRelay({ db, client, taskQueue: queues.rounds, log, stopping: stopping.signal })
    : Promise.resolve();

  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  const running = workers.map((worker) => worker.run());
  process.stdout.write(`${JSON.stringify({ event: 'ready', parts })}\n`);
  try {
    await Promise.all(running);
    await relay;
  } finally {
    stop();
    search.stop();
    await Promise.allSettled([...running, relay]);
    await connection.close();
    await native.close();
    await close();
  }
}

function partsOf(argv: readonly string[]): readonly Part[] {
  const at = argv.indexOf('--only');
  if (at < 0) return PARTS;
  const part = PARTS.find((each) => each === argv[at + 1]);
  if (!part) throw new Error(`--only takes one of ${PARTS.join(', ')}`);
  return [part];
}

main(partsOf(process.argv)).then(
  () => process.exit(0),
  (error: unknown) => {
    log.fatal({ error: error instanceof Error ? error.message : 'unknown' }, 'the worker stopped');
    process.exit(1);
  },
);
