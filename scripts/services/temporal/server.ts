import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { runningOrLock } from '../data-lock';
import type { ServiceError } from '../errors';
import type { Layout } from '../layout';
import type { FileLock } from '../locks';
import { failureFromLog, type OpenLog, openLog } from '../logs';
import type { Origin, Start } from '../parts';
import { accepts, choosePort, LOOPBACK } from '../ports';
import { commandLine, findProcesses, identify, isAlive, type ProcessIdentity, terminate } from '../processes';
import { readState, record, type TemporalRecord } from '../state';
import { until } from '../waiting';
import { temporalCommand } from './command';
import { answersWithRetention } from './namespace';

const START_MS = 60_000;
const STOP_MS = 15_000;

/** How long one that runs already may take to answer: it may just have been started by a process that was killed. */
const ANSWER_MS = 20_000;
const ATTEMPTS = 3;

export interface TemporalAddresses {
  readonly temporalAddress: string;
  readonly temporalUiUrl: string;
}

/** The local Temporal, alive and answering: the one that runs already, else a new start on the same database. */
export async function startTemporal(start: Start): Promise<TemporalAddresses & { origin: Origin }> {
  const { layout } = start;
  mkdirSync(layout.temporal, { recursive: true, mode: 0o700 });
  const found = await runningOrLock(layout.temporalDataLock, 'Temporal', () => adopt(start));
  if (found.running) return { ...addressesOf(found.running), origin: 'adopted' };
  try {
    return { ...addressesOf(await startServer(start, found.held)), origin: 'started' };
  } finally {
    found.held.release();
  }
}

/** Stops the local Temporal if it runs. What workflows did is in its database; they go on with the next start. */
export async function stopTemporal(layout: Layout): Promise<boolean> {
  const running = findServer(layout);
  if (!running) return false;
  await clear(layout, running);
  return true;
}

/** The server that runs on our database, if it answers. One that does not is cleared away, so that a start can follow. */
async function adopt({ layout, progress }: Start): Promise<TemporalRecord | undefined> {
  const running = findServer(layout);
  if (!running) return undefined;
  const ports = portsOf(commandLine(running.pid));
  // One whose file was removed under it would answer, and lose everything when it ends.
  if (ports && existsSync(layout.temporalDatabase) && (await becomesReady(running, ports.port, ANSWER_MS))) {
    const [command = 'temporal'] = commandLine(running.pid).split(' server start-dev ');
    const found = { ...running, ...ports, database: layout.temporalDatabase, command };
    record(layout, { temporal: found });
    return found;
  }
  progress(`the local Temporal (process ${running.pid}) does not answer or has lost its database; starting it anew`);
  await clear(layout, running, 2000);
  return undefined;
}

/** Two servers on one database file start without complaint and ruin it: so one is looked for, recorded or not. */
function findServer(layout: Layout): ProcessIdentity | undefined {
  const isOurs = (command: string) => command.includes(` server start-dev --db-filename ${layout.temporalDatabase} --`);
  const recorded = readState(layout).temporal;
  if (recorded && isAlive(recorded) && isOurs(commandLine(recorded.pid))) return recorded;
  return findProcesses(isOurs)[0];
}

async function clear(layout: Layout, running: ProcessIdentity, patienceMs = STOP_MS): Promise<void> {
  if (await terminate(running, 'SIGTERM', patienceMs)) return;
  throw failureFromLog('stop-failed', `Temporal (process ${running.pid}) does not end`, { file: layout.temporalLog });
}

async function startServer({ layout, env, progress }: Start, held: FileLock): Promise<Ports> {
  const command = await temporalCommand({ env, progress });
  let ports = await choosePorts(readState(layout).temporal);
  for (let attempt = 1; ; attempt++) {
    const failure = await tryToStart(layout, command, ports, held);
    if (!failure) return ports;
    // Besides ours it takes ports of its own choice; another program may have been quicker with one of them.
    if (attempt === ATTEMPTS || !/address already in use|can't (set|use)\b.*port/i.test(failure.message)) throw failure;
    progress('a port was taken meanwhile; starting Temporal with others');
    ports = await choosePorts();
  }
}

/** Undefined when the server has started and answers. */
async function tryToStart(
  layout: Layout,
  command: string,
  ports: Ports,
  held: FileLock,
): Promise<ServiceError | undefined> {
  const log = openLog(layout.temporalLog);
  try {
    const server = spawnServer(layout, command, ports, { log, held });
    record(layout, { temporal: { ...server, ...ports, database: layout.temporalDatabase, command } });
    if (await becomesReady(server, ports.port, START_MS)) return undefined;
    const hangs = isAlive(server);
    const what = hangs ? 'Temporal did not get ready in time' : 'Temporal ended while it started';
    const failure = failureFromLog(hangs ? 'timeout' : 'start-failed', what, log);
    await clear(layout, server);
    return failure;
  } finally {
    log.close();
  }
}

function spawnServer(
  layout: Layout,
  command: string,
  { port, uiPort }: Ports,
  { log, held }: { log: OpenLog; held: FileLock },
): ProcessIdentity {
  const child = spawn(
    command,
    [
      ...['server', 'start-dev', '--db-filename', layout.temporalDatabase],
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      ...['--ip', LOOPBACK, '--port', String(port), '--ui-ip', LOOPBACK, '--ui-port', String(uiPort)],
      ...['--log-level', 'warn'],
    ],
    {
      cwd: layout.temporal,
      env: withoutTemporalSettings(process.env),
      // Its own session, or the Ctrl-C of a terminal would stop the server before those who use it.
      detached: true,
      stdio: ['ignore', log.fd, log.fd, held.fd],
    },
  );
  child.on('error', () => undefined); // told below: then there is no process
  child.unref();
  const server = child.pid === undefined ? undefined : identify(child.pid);
  if (server) return server;
  throw failureFromLog('start-failed', `${command} did not start`, log);
}

/** The profile and addresses of the user's own Temporal are not for this server. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function becomesReady(server: ProcessIdentity, port: number, withinMs: number): Promise<boolean> {
  const ready = await until(
    async () => {
      if (!isAlive(server)) return false;
      return (await accepts(port)) && (await answersWithRetention(`${LOOPBACK}:${port}`)) ? true : undefined;
    },
    { withinMs },
  );
  return ready ?? false;
}

interface Ports {
  readonly port: number;
  readonly uiPort: number;
}

async function choosePorts(before?: Ports): Promise<Ports> {
  return { port: await choosePort(before?.port), uiPort: await choosePort(before?.uiPort) };
}

function portsOf(command: string): Ports | undefined {
  const [, port, uiPort] = / --port (\d+) .* --ui-port (\d+)/.exec(command) ?? [];
  return port && uiPort ? { port: Number(port), uiPort: Number(uiPort) } : undefined;
}

function addressesOf({ port, uiPort }: Ports): TemporalAddresses {
  return { temporalAddress: `${LOOPBACK}:${port}`, temporalUiUrl: `http://${LOOPBACK}:${uiPort}` };
}
