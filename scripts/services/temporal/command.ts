import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ServiceError } from '../errors';
import { runCommand } from '../run-command';
import { buildCommand } from './build';
import { cachedCommand } from './cached';
import { downloadCommand } from './download';

/** The oldest server that has what the workflows use. */
const OLDEST_SERVER = [1, 24] as const;

interface Search {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
}

/**
 * A `temporal` command that can run a server: `TEMPORAL_CLI_PATH`, else the one in PATH, else our cached one, else the
 * one that the SDK would download, else one built with Go. What had to be fetched or built is cached.
 */
export async function temporalCommand({ env, progress }: Search): Promise<string> {
  if (env.TEMPORAL_CLI_PATH) return await named(env.TEMPORAL_CLI_PATH, progress);
  const inPath = findInPath('temporal', env);
  if (inPath) {
    const server = await serverVersion(inPath);
    if (server && isNewEnough(server)) return inPath;
    progress(
      `not using ${inPath}: it ${server ? `runs Temporal server ${server.join('.')}` : 'does not tell its server version'}, and ${OLDEST_SERVER.join('.')} or newer is needed`,
    );
  }
  const cached = cachedCommand(env);
  if (cached) return cached;
  return (await downloadCommand({ env, progress })) ?? (await buildCommand({ env, progress }));
}

/** What the user names is used or refused, never passed over. */
async function named(path: string, progress: (line: string) => void): Promise<string> {
  const server = await serverVersion(path);
  if (!server) {
    const hint = 'Set it to a `temporal` command (https://docs.temporal.io/cli), or unset it.';
    throw new ServiceError('missing-program', `TEMPORAL_CLI_PATH is ${path}, and that does not run as one`, hint);
  }
  if (!isNewEnough(server)) {
    progress(
      `TEMPORAL_CLI_PATH runs Temporal server ${server.join('.')}: older than ${OLDEST_SERVER.join('.')}, some things may fail`,
    );
  }
  return path;
}

/** Such as [1, 29, 1], from `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`; undefined if it does not say. */
async function serverVersion(command: string): Promise<number[] | undefined> {
  try {
    const { output } = await runCommand(command, ['--version'], { withinMs: 15_000 });
    return /\(Server (\d+)\.(\d+)\.(\d+)/i.exec(output)?.slice(1).map(Number);
  } catch {
    return undefined;
  }
}

function isNewEnough([major = 0, minor = 0]: number[]): boolean {
  return major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1]);
}

function findInPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const candidates = (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
