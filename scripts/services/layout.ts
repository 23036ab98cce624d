import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Where everything of one set of local services lies: all below one folder, so that two folders never meet. */
export interface Layout {
  readonly dir: string;
  readonly stateFile: string;
  /** Held by whoever starts or stops the services. */
  readonly lockFile: string;
  /** Held, shared, by everyone who uses them. */
  readonly usersFile: string;
  readonly logs: string;
  readonly postgresLog: string;
  readonly temporalLog: string;
  /** Postgres's data, unless it has to lie elsewhere (see postgres/home.ts). */
  readonly postgres: string;
  readonly temporal: string;
  readonly temporalDatabase: string;
  /** Held by the server's own processes for as long as one of them lives. */
  readonly temporalDataLock: string;
  readonly postgresDataLock: string;
}

export function layoutOf(folder: string): Layout {
  const dir = canonical(resolve(folder));
  const logs = join(dir, 'logs');
  const temporal = join(dir, 'temporal');
  return {
    dir,
    stateFile: join(dir, 'services.json'),
    lockFile: join(dir, 'services.lock'),
    usersFile: join(dir, 'users.lock'),
    logs,
    postgresLog: join(logs, 'postgres.log'),
    temporalLog: join(logs, 'temporal.log'),
    postgres: join(dir, 'postgres'),
    temporal,
    temporalDatabase: join(temporal, 'temporal.db'),
    temporalDataLock: join(dir, 'temporal.lock'),
    postgresDataLock: join(dir, 'postgres.lock'),
  };
}

/** One folder has one name: a server is known by its command line, however its folder is reached. */
function canonical(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return join(canonical(dirname(folder)), basename(folder));
  }
}
