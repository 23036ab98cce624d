import { ServiceError } from './errors';
import { type FileLock, tryExclusive } from './locks';
import { until } from './waiting';

/** What works on the data without being a server that can be found: orphans of a killed one, or of a killed start. */
const ORPHANS_MS = 60_000;

/**
 * The server that already runs on some data, or the lock on that data under which one may be started.
 *
 * A server gets the lock with its data and keeps it, with all its children, for as long as one of them lives: two
 * servers on the same data would ruin it, and Temporal's starts without complaint. The lock also tells of servers that
 * cannot be seen from here, say in a container that shares the folder.
 */
export async function runningOrLock<Running extends object>(
  file: string,
  service: string,
  findRunning: () => Promise<Running | undefined>,
): Promise<{ running: Running } | { running: undefined; held: FileLock }> {
  const found = await until(
    async (): Promise<{ running: Running } | { running: undefined; held: FileLock } | undefined> => {
      const running = await findRunning();
      if (running !== undefined) return { running };
      const held = tryExclusive(file);
      return held && { running: undefined, held };
    },
    { withinMs: ORPHANS_MS, everyMs: 100 },
  );
  if (found) return found;
  const message = `a ${service} that is not among this machine's processes works on the same data (it holds ${file})`;
  throw new ServiceError('busy', message, 'Stop the services where they were started, perhaps in a container.');
}
