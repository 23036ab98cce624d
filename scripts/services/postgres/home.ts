import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const folder = existsSync(layout.postgresElsewhere)
    ? readFileSync(layout.postgresElsewhere, 'utf8').trim()
    : layout.postgres;
  return existsSync(join(folder, 'data')) ? homeIn(folder, accountFor(join(folder, 'data'))) : undefined;
}

/**
 * The existing home, or a place for a new one: in the services' own folder, so that removing that folder removes the
 * data. Where root must give Postgres to a user who cannot enter it (a checkout below /root), a folder of the system's,
 * whose name is kept in the services' folder.
 */
export function homeFor(layout: Layout): PostgresHome {
  const existing = existingHome(layout);
  if (existing) {
    if (existing.account && !canEnter(existing.account, existing.folder)) throw closed(existing);
    return existing;
  }
  const account = accountFor();
  mkdirSync(layout.postgres, { recursive: true });
  if (!account) chmodSync(layout.postgres, 0o700);
  if (!account || canOwn(account, layout.postgres)) {
    rmSync(layout.postgresElsewhere, { force: true });
    return homeIn(layout.postgres, account);
  }
  const folder = mkdtempSync(join(systemFolder(account), `${basename(layout.dir).replace(/[^\w-]/g, '')}-`));
  chmodSync(folder, 0o711);
  writeFileSync(layout.postgresElsewhere, `${folder}\n`, { mode: 0o600 });
  return homeIn(folder, account);
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
