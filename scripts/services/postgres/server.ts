import { runningOrLock } from '../data-lock';
import { ServiceError } from '../errors';
import type { Layout } from '../layout';
import type { FileLock } from '../locks';
import { failureFromLog, openLog } from '../logs';
import type { Origin, Start } from '../parts';
import { choosePort } from '../ports';
import { isAlive, type ProcessIdentity, terminate } from '../processes';
import { runCommand } from '../run-command';
import { readState, record } from '../state';
import { until } from '../waiting';
import { type Binaries, postgresBinaries } from './binaries';
import { asAccount, ensureCluster, writeSettings } from './cluster';
import { existingHome, homeFor, type PostgresHome } from './home';
import { databaseUrl, disown, ensureDatabase, namedProcess, servesData, whoAnswers } from './postmaster';

const DATABASE = 'plumbline';

/** A start after kill -9 first repeats what the log of changes holds. */
const START_SECONDS = 120;
const FAST_STOP_MS = 30_000;
const ATTEMPTS = 3;

/** How long one that runs already may take to answer. */
const ANSWER_MS = 20_000;

/** The local Postgres, alive and answering: the one that runs already, else a new start on the same data. */
export async function startPostgres(start: Start): Promise<{ databaseUrl: string; origin: Origin }> {
  const { layout } = start;
  const home = homeFor(layout);
  const found = await runningOrLock(layout.postgresDataLock, 'Postgres', () => adopt(start, home));
  const server = found.running ?? (await startServer(start, home, found.held).finally(found.held.release));
  record(layout, { postgres: { ...server.process, port: server.port, dataFolder: home.data } });
  await ensureDatabase(home, server.port, DATABASE);
  return { databaseUrl: databaseUrl(home, server.port, DATABASE), origin: found.running ? 'adopted' : 'started' };
}

/** Stops the local Postgres if it runs. Its clients are cut off, what they committed is on disk. */
export async function stopPostgres(layout: Layout): Promise<boolean> {
  const home = existingHome(layout);
  const named = home && namedProcess(home);
  if (!named || !isOurs(layout, home, named.process)) return false;
  // What `pg_ctl stop -m fast` sends; by ourselves, because it would send it to whoever has the number now.
  if (await terminate(named.process, 'SIGINT', FAST_STOP_MS)) return true;
  throw failureFromLog('stop-failed', `Postgres (process ${named.process.pid}) does not end`, {
    file: layout.postgresLog,
  });
}

interface Server {
  readonly process: ProcessIdentity;
  readonly port: number;
}

/** The server that runs on our data, if it answers. One that does not is cleared away, so that a start can follow. */
async function adopt({ layout, progress }: Start, home: PostgresHome): Promise<Server | undefined> {
  const named = namedProcess(home);
  if (!named || !isOurs(layout, home, named.process)) return undefined;
  if (await answers(home, named)) return named;
  progress(`the local Postgres (process ${named.process.pid}) does not answer; starting it anew`);
  if (await terminate(named.process, 'SIGQUIT', 5000)) return undefined;
  throw failureFromLog('stop-failed', `Postgres (process ${named.process.pid}) does not end`, {
    file: layout.postgresLog,
  });
}

/** A server that repeats its log of changes is given longer than one that says nothing. */
async function answers(home: PostgresHome, { process, port }: Server): Promise<boolean> {
  const silentUntil = Date.now() + ANSWER_MS;
  const answered = await until(
    async () => {
      if (!isAlive(process)) return false;
      const who = await whoAnswers(home, port);
      if (who === 'ours') return true;
      return who === 'starting' || Date.now() < silentUntil ? undefined : false;
    },
    { withinMs: START_SECONDS * 1000, everyMs: 100 },
  );
  return answered ?? false;
}

/** Ours by our record, or, where that is lost, by what it is and works on. */
function isOurs(layout: Layout, home: PostgresHome, one: ProcessIdentity): boolean {
  const recorded = readState(layout).postgres;
  if (recorded?.pid === one.pid && recorded.started === one.started) return true;
  return servesData(one, home);
}

async function startServer(start: Start, home: PostgresHome, held: FileLock): Promise<Server> {
  const { layout, env, durability, progress } = start;
  const binaries = postgresBinaries(home.account, env);
  await ensureCluster(home, binaries, held);
  let port = await choosePort(readState(layout).postgres?.port);
  for (let attempt = 1; ; attempt++) {
    writeSettings(home, { port, durability });
    const failure = await pgCtlStart(layout, home, binaries, held);
    const named = failure ? undefined : namedProcess(home);
    if (named) return named;
    if (!failure) throw new ServiceError('start-failed', 'Postgres ended as soon as it had started', 'Start again.');
    if (attempt === ATTEMPTS || !/Address already in use|could not bind/i.test(failure.message)) throw failure;
    progress('its port was taken meanwhile; starting Postgres on another');
    port = await choosePort();
  }
}

/** Undefined when the server has started and accepts connections. */
async function pgCtlStart(layout: Layout, home: PostgresHome, binaries: Binaries, held: FileLock) {
  const log = openLog(layout.postgresLog);
  try {
    disown(home);
    const options = asAccount(home.account);
    const end = await runCommand(binaries.pgCtl, ['start', '-w', '-t', String(START_SECONDS)], {
      ...options,
      // By the environment: as an argument the path would go through a shell, and be read as one reads it.
      env: { ...options.env, PGDATA: home.data },
      // Its own session, or the Ctrl-C of a terminal would stop the server before those who use it.
      detached: true,
      stdio: ['ignore', log.fd, log.fd, held.fd],
      withinMs: (START_SECONDS + 10) * 1000,
    });
    if (end.code === 0) return undefined;
    const what = end.timedOut ? 'Postgres did not get ready in time' : 'Postgres did not start';
    return failureFromLog(end.timedOut ? 'timeout' : 'start-failed', what, log);
  } finally {
    log.close();
  }
}
