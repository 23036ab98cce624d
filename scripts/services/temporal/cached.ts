import { chmodSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../bin/bootstrap/cache-folder';
import { ServiceError } from '../errors';
import { runCommand } from '../run-command';

/** The version of the `temporal` command that we fetch or build: it brings Temporal server 1.29. */
export const CLI_VERSION = '1.5.1';

export interface Fetching {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
}

/** Where the fetched or built command is kept, for all checkouts. */
export function cachePath(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), `temporal-cli-${CLI_VERSION}-${process.platform}-${process.arch}`);
}

export function cachedCommand(env: NodeJS.ProcessEnv): string | undefined {
  const file = cachePath(env);
  return existsSync(file) ? file : undefined;
}

/** Puts a new command in its place in one step, after it has shown that it runs on this machine. */
export async function keepCommand(fresh: string, env: NodeJS.ProcessEnv): Promise<string> {
  chmodSync(fresh, 0o755);
  const tried = await runCommand(fresh, ['--version'], { withinMs: 30_000 });
  if (tried.code !== 0) {
    const hint =
      'Install the `temporal` command yourself (https://docs.temporal.io/cli) and set TEMPORAL_CLI_PATH to it.';
    throw new ServiceError('missing-program', `the new temporal command does not run: ${tried.output.trim()}`, hint);
  }
  const file = cachePath(env);
  renameSync(fresh, file);
  return file;
}
