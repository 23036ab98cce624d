import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { asServiceError, ServiceError } from '../errors';
import type { FileLock } from '../locks';
import { lastLines } from '../logs';
import { LOOPBACK } from '../ports';
import { runCommand } from '../run-command';
import type { Account } from './account';
import type { Binaries } from './binaries';
import type { PostgresHome } from './home';

export const SUPERUSER = 'plumbline';

/** `tests` gives up what a power cut could cost for speed; a killed server loses nothing either way. */
export type Durability = 'full' | 'tests';

const INITDB_MS = 120_000;
const SETTINGS_FILE = 'plumbline.conf';

/** How a server's programs are started: as its account, and untouched by the caller's own Postgres settings. */
export function asAccount(account: Account | undefined) {
  const path = process.env.PATH ?? '/usr/bin:/bin';
  return {
    cwd: '/',
    env: { PATH: path, LC_ALL: 'C', TZ: 'UTC' },
    ...(account && { uid: account.uid, gid: account.gid }),
  };
}

/**
 * Makes the data folder if it is not there. Built beside it and moved into place: a start that is killed half-way leaves
 * no half of one. Other users of this machine reach the port too, so the superuser has a random password.
 * initdb gets the lock on the data: if we are killed it goes on for a second, and nobody may begin beside it.
 */
export async function ensureCluster(home: PostgresHome, binaries: Binaries, held: FileLock): Promise<void> {
  if (existsSync(home.data)) {
    refuseOtherVersion(home, binaries);
    return;
  }
  const building = join(home.folder, 'data.new');
  const passwordForInitdb = join(home.folder, 'password.new');
  const password = randomBytes(24).toString('base64url');
  try {
    rmSync(building, { recursive: true, force: true });
    mkdirSync(building, { mode: 0o700 });
    writeFileSync(passwordForInitdb, password, { mode: 0o600 });
    give(home, building);
    give(home, passwordForInitdb);
    await initdb(home, binaries, ['-D', building, '--pwfile', passwordForInitdb], held);
    appendFileSync(join(building, 'postgresql.conf'), `\ninclude '${SETTINGS_FILE}'\n`);
    writeFileSync(home.passwordFile, password, { mode: 0o600 });
    renameSync(building, home.data);
  } catch (error) {
    throw asServiceError(error, `Postgres's data folder ${home.data} could not be made`);
  } finally {
    rmSync(passwordForInitdb, { force: true });
  }
}

async function initdb(home: PostgresHome, binaries: Binaries, where: string[], held: FileLock): Promise<void> {
  const made = await runCommand(
    binaries.initdb,
    [
      ...where,
      ...['--username', SUPERUSER, '--auth', 'scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'],
    ],
    { ...asAccount(home.account), stdio: ['ignore', 'pipe', 'pipe', held.fd], withinMs: INITDB_MS },
  );
  if (made.code === 0) return;
  const full = /no space left on device/i.test(made.output);
  throw new ServiceError(
    full ? 'disk-full' : made.timedOut ? 'timeout' : 'start-failed',
    `initdb could not make ${home.data}. It ends with:\n${lastLines(made.output)}`,
    full ? 'The disk is full: make room, then start again.' : 'Mend what these lines name, then start again.',
  );
}

/** Writes the settings of the next start. */
export function writeSettings(
  home: PostgresHome,
  { port, durability }: { port: number; durability: Durability },
): void {
  const file = join(home.data, SETTINGS_FILE);
  const settings = {
    listen_addresses: LOOPBACK,
    port,
    // A socket file would need a folder with a short path; the port is enough.
    unix_socket_directories: '',
    cluster_name: 'plumbline',
    max_connections: 300,
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    ...(durability === 'tests' && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`);
  writeFileSync(file, `# Written at every start.\n${lines.join('\n')}\n`, { mode: 0o600 });
  give(home, file);
}

export function readPassword(home: PostgresHome): string {
  try {
    return readFileSync(home.passwordFile, 'utf8');
  } catch (error) {
    const message = `the password of the local Postgres cannot be read from ${home.passwordFile}`;
    const hint = `Start as the user who made it; if it is lost, remove ${home.folder}: its data cannot be opened without it.`;
    throw new ServiceError('not-permitted', message, hint, { cause: error });
  }
}

function refuseOtherVersion(home: PostgresHome, binaries: Binaries): void {
  const major = Number.parseInt(readFileSync(join(home.data, 'PG_VERSION'), 'utf8'), 10);
  if (major === binaries.major) return;
  throw new ServiceError(
    'unsupported',
    `Postgres's data in ${home.data} is of version ${major}, and the installed Postgres is version ${binaries.major}`,
    `Export what you need with the version that made it, or move ${home.folder} away to start with an empty database.`,
  );
}

function give(home: PostgresHome, file: string): void {
  if (home.account) chownSync(file, home.account.uid, home.account.gid);
}
