import { existsSync, rmSync } from 'node:fs';
import { type Layout, layoutOf } from './layout';
import { lock } from './locks';
import { SERVICE_NAMES, type ServiceName } from './parts';
import { existingHome } from './postgres/home';
import { stopPostgres } from './postgres/server';
import { stopTemporal } from './temporal/server';

const LOCK_MS = 90_000;

/**
 * Stops the services of a folder, whoever uses them. Returns the names of those that ran.
 * Throws ServiceError where one does not end, or another process holds the services' lock for too long.
 */
export async function stopServices(dir: string): Promise<ServiceName[]> {
  return await underLock(dir, (layout) => stopParts(layout));
}

/** Stops the services of a folder and removes all their data and logs. There is no way back. */
export async function removeServices(dir: string): Promise<void> {
  await underLock(dir, async (layout) => {
    const stopped = await stopParts(layout);
    removeData(layout);
    rmSync(layout.logs, { recursive: true, force: true });
    return stopped;
  });
}

/** In the order of stopping: what workflows still have to say goes to Postgres. */
const STOPS = [
  ['temporal', stopTemporal],
  ['postgres', stopPostgres],
] as const;

/** Stops those of the named services that run, and says which did. The caller holds the services' lock. */
export async function stopParts(layout: Layout, names: readonly ServiceName[] = SERVICE_NAMES): Promise<ServiceName[]> {
  const stopped: ServiceName[] = [];
  for (const [name, stop] of STOPS) {
    if (names.includes(name) && (await stop(layout))) stopped.push(name);
  }
  return stopped;
}

/** Removes what the stopped services stored; the locks stay, for somebody may wait for them. */
export function removeData(layout: Layout): void {
  const home = existingHome(layout);
  if (home) rmSync(home.folder, { recursive: true, force: true });
  for (const part of [layout.postgres, layout.temporal, layout.stateFile]) {
    rmSync(part, { recursive: true, force: true });
  }
}

async function underLock(dir: string, act: (layout: Layout) => Promise<ServiceName[]>): Promise<ServiceName[]> {
  const layout = layoutOf(dir);
  // Removed while they ran: there is no lock, but there may be a process.
  if (!existsSync(layout.dir)) return await act(layout);
  const held = await lock(layout.lockFile, { withinMs: LOCK_MS });
  try {
    return await act(layout);
  } finally {
    held.release();
  }
}
