/** What an `up` that was killed has left running: its site and its workers, which nobody would start again. */
import { isAlive, type ProcessIdentity, terminate } from '../services/processes';

/** Longer than a worker takes to save the calls under way. */
export const WORKER_PATIENCE_MS = 40_000;

/** Ends them, all at once. The caller holds the lock of `up`. @returns the names of those that ran. */
export async function endLeftovers(
  children: Readonly<Record<string, ProcessIdentity>>,
  tell: (line: string) => void,
): Promise<string[]> {
  const alive = Object.entries(children).filter(([, child]) => isAlive(child));
  await Promise.all(
    alive.map(([name, child]) => {
      tell(`ending a ${name} that an earlier start has left (process ${child.pid})`);
      return terminate(child, 'SIGTERM', WORKER_PATIENCE_MS);
    }),
  );
  return alive.map(([name]) => name);
}
