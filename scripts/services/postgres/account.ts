import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceError } from '../errors';

/** The user that Postgres runs as where that is not ourselves. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root, so root gives it to another user: the owner of the data that is there already, else
 * `postgres`, else `nobody`. Undefined for everybody else: they run it as themselves.
 */
export function accountFor(dataFolder?: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = dataFolder === undefined ? undefined : statSync(dataFolder, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const account = systemAccount('postgres') ?? systemAccount('nobody');
  if (account) return account;
  throw new ServiceError(
    'unsupported',
    'Postgres does not run as root, and this machine has neither a user `postgres` nor a user `nobody`',
    'Run as an ordinary user, or set DATABASE_URL to a Postgres that runs elsewhere.',
  );
}

function systemAccount(name: string): Account | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    const [uid, gid] = [id('-u'), id('-g')];
    return Number.isInteger(uid) && uid !== 0 ? { name, uid, gid } : undefined;
  } catch {
    return undefined;
  }
}

/** True if the account can go into the folder through all of its parents: a checkout may lie below a closed home. */
export function canEnter(account: Account, folder: string): boolean {
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    stdio: 'ignore',
  });
  if (tried.error) {
    throw new ServiceError(
      'not-permitted',
      `a process cannot be started as ${account.name}, and Postgres does not run as root: ${tried.error.message}`,
      'Run as an ordinary user, or set DATABASE_URL to a Postgres that runs elsewhere.',
      { cause: tried.error },
    );
  }
  return tried.status === 0;
}

/**
 * A folder that the account can enter and only root can write to. What lies in it is run, so a folder that somebody
 * else may have prepared among the temporary files is not taken.
 */
export function systemFolder(account: Account): string {
  for (const folder of ['/var/lib/plumbline', '/var/tmp/plumbline', join(tmpdir(), 'plumbline')]) {
    try {
      mkdirSync(folder, { recursive: true });
      const found = lstatSync(folder);
      if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) continue;
      chmodSync(folder, 0o755);
      if (canEnter(account, folder)) return folder;
    } catch (error) {
      if (error instanceof ServiceError) throw error;
    }
  }
  throw new ServiceError(
    'not-permitted',
    `there is no folder for Postgres that ${account.name} can enter: /var/lib, /var/tmp and ${tmpdir()} were tried`,
    'Run as an ordinary user, or set DATABASE_URL to a Postgres that runs elsewhere.',
  );
}
