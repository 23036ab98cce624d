import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, homeIsWritable } from '../../../bin/bootstrap/cache-folder';
import { ServiceError } from '../errors';
import { type FileLock, lock } from '../locks';
import { failureFromLog, type OpenLog, openLog } from '../logs';
import { runCommand } from '../run-command';
import { CLI_VERSION, cachedCommand, cachePath, type Fetching, keepCommand } from './cached';

const PACKAGE = 'github.com/temporalio/cli';

/** The first Go that fetches a newer one by itself where a module needs it; the command's module needs 1.25. */
const OLDEST_GO = [1, 21] as const;
const BUILD_MS = 20 * 60_000;
const TOLD_EVERY_MS = 10_000;

const HINT =
  'Install the `temporal` command yourself (https://docs.temporal.io/cli) and set TEMPORAL_CLI_PATH to it, or set TEMPORAL_ADDRESS to a Temporal that runs elsewhere.';

/** The command, built with Go into the cache: minutes once. Never twice at a time; who comes second waits and uses it. */
export async function buildCommand({ env, progress }: Fetching): Promise<string> {
  await requireGo(env);
  const target = cachePath(env);
  const waiting = () => progress('waiting for another process that builds the temporal command');
  const held = await lock(`${target}.lock`, { withinMs: BUILD_MS, waiting });
  const folder = mkdtempSync(`${target}.new-`);
  try {
    const meanwhile = cachedCommand(env);
    if (meanwhile) return meanwhile;
    progress(`building the temporal command ${CLI_VERSION} with Go (once; 2 to 5 minutes)`);
    await goInstall({ env, progress, folder, held });
    return await keepCommand(join(folder, 'temporal'), env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    held.release();
  }
}

async function requireGo(env: NodeJS.ProcessEnv): Promise<void> {
  let found: string | undefined;
  try {
    found = (await runCommand('go', ['version'], { env, cwd: '/', withinMs: 30_000 })).output;
  } catch {
    // No Go at all.
  }
  const [major = 0, minor = 0] =
    /go(\d+)\.(\d+)/
      .exec(found ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  if (major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor >= OLDEST_GO[1])) return;
  const which = found
    ? `Go here is ${major}.${minor}, older than ${OLDEST_GO.join('.')}`
    : 'there is no Go to build it with';
  throw new ServiceError('missing-program', `there is no temporal command, and ${which}`, HINT);
}

interface GoInstall extends Fetching {
  readonly folder: string;
  readonly held: FileLock;
}

async function goInstall({ env, progress, folder, held }: GoInstall): Promise<void> {
  const log = openLog(`${cachePath(env)}.build.log`);
  const started = Date.now();
  const tell = () => {
    const modules = readFileSync(log.file, 'utf8').match(/^go: downloading /gm)?.length ?? 0;
    const seconds = Math.round((Date.now() - started) / 1000);
    progress(`still building the temporal command: ${seconds} s, ${modules} modules downloaded`);
  };
  const ticker = setInterval(tell, TOLD_EVERY_MS);
  try {
    const end = await runGo(env, folder, held, log);
    if (end !== 0) throw buildFailure(end, log);
  } finally {
    clearInterval(ticker);
    log.close();
  }
}

/** Go gets the lock too: if we are killed, it goes on, and nobody may begin a second build beside it. */
function runGo(env: NodeJS.ProcessEnv, folder: string, held: FileLock, log: OpenLog): Promise<number | string> {
  const flags = `-s -w -X ${PACKAGE}/temporalcli.Version=${CLI_VERSION}`;
  const args = ['install', '-trimpath', '-ldflags', flags, `${PACKAGE}/cmd/temporal@v${CLI_VERSION}`];
  return new Promise((resolve, reject) => {
    const go = spawn('go', args, {
      cwd: folder,
      env: goEnvironment(env, folder),
      stdio: ['ignore', log.fd, log.fd, held.fd],
    });
    const timer = setTimeout(() => go.kill('SIGKILL'), BUILD_MS);
    go.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    go.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal ?? 'an unknown end');
    });
  });
}

function goEnvironment(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const go: NodeJS.ProcessEnv = {
    ...env,
    GOBIN: folder,
    // Distributions set `local`; then a Go that is older than the module needs could not fetch the right one.
    GOTOOLCHAIN: env.GOTOOLCHAIN && env.GOTOOLCHAIN !== 'local' ? env.GOTOOLCHAIN : 'auto',
    GOFLAGS: '',
    GOWORK: 'off',
    GO111MODULE: 'on',
    CGO_ENABLED: '0',
  };
  if (!homeIsWritable(env)) {
    go.GOPATH ??= join(cacheFolder(env), 'go');
    go.GOCACHE ??= join(cacheFolder(env), 'go-build');
  }
  return go;
}

function buildFailure(end: number | string, log: OpenLog): ServiceError {
  const failure = failureFromLog('start-failed', `building the temporal command with Go failed (${end})`, log);
  if (failure.kind === 'disk-full') return failure;
  return new ServiceError('missing-program', failure.message, HINT);
}
