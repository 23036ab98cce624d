import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ServiceError } from '../errors';
import type { Layout } from '../layout';
import { type Account, accountFor, canEnter, systemFolder } from './account';

/** Where Postgres's data lies, and as whom it runs. */
export interface PostgresHome {
  readonly folder: string;
  readonly data: string;
  /** The superuser's password. Beside the data, so that neither is ever without the other. */
  readonly passwordFile: string;
  readonly account: Account | undefined;
}

/** The home that an earlier start made, if any. */
export function existingHome(layout: Layout): PostgresHome | undefined {
  const ofFolder = (folder: string) =>
    existsSync(join(folder, 'data')) ? homeIn(folder, accountFor(join(folder, 'data'))) : undefined;
  const inOwnFolder = ofFolder(layout.postgres);
  if (inOwnFolder) return inOwnFolder;
  const account = accountFor();
  return account && ofFolder(folderElsewhere(layout, account));
}

/**
 * The existing home, or a place for a new one: in the services' own folder, so that removing that folder removes the
 * data; but where root must give Postgres to a user who cannot enter it (a checkout below /root), among the system's.
 */
export function homeFor(layout: Layout): PostgresHome {
  const existing = existingHome(layout);
  if (existing) {
    if (existing.account && !canEnter(existing.account, existing.folder)) throw closed(existing);
    return existing;
  }
  const account = accountFor();
  mkdirSync(layout.postgres, { recursive: true, mode: 0o700 });
  if (!account || canOwn(account, layout.postgres)) return homeIn(layout.postgres, account);
  const folder = folderElsewhere(layout, account);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  return homeIn(folder, account);
}

/** Named after the services' folder, so that the same folder finds the same data again. */
function folderElsewhere({ dir }: Layout, account: Account): string {
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 12);
  return join(systemFolder(account), `${basename(dir).replace(/[^\w-]/g, '')}-${hash}`);
}

/** Root's files may not be given away everywhere: some shared folders of a host machine refuse it. */
function canOwn(account: Account, folder: string): boolean {
  chmodSync(folder, 0o711);
  if (!canEnter(account, folder)) return false;
  try {
    const trial = mkdtempSync(join(folder, 'trial-'));
    try {
      chownSync(trial, account.uid, account.gid);
      return canEnter(account, trial);
    } finally {
      rmSync(trial, { recursive: true });
    }
  } catch {
    return false;
  }
}

function homeIn(folder: string, account: Account | undefined): PostgresHome {
  return { folder, data: join(folder, 'data'), passwordFile: join(folder, 'password'), account };
}

function closed({ folder, account }: PostgresHome): ServiceError {
  return new ServiceError(
    'not-permitted',
    `Postgres's data in ${folder} is there, but ${account?.name} can no longer enter that folder`,
    'Let others pass through its parent folders (chmod o+x), or move the data elsewhere and remove this folder.',
  );
}
