/** What an `up` that was killed has left running: its site and its workers, which nobody would start again. */
import { isAlive, type ProcessIdentity, terminate } from '../services/processes';
import { readUpState, writeUpState } from './state';

/** Longer than a worker takes to save the calls under way. */
export const WORKER_PATIENCE_MS = 40_000;

/** Ends them. The caller holds the lock of `up`. @returns the names of those that ran. */
export async function endLeftovers(tell: (line: string) => void): Promise<string[]> {
  const state = readUpState();
  if (!state) return [];
  const { children, supervisor, sitePort } = state;
  const ended = await Promise.all(Object.entries(children).map(([name, child]) => end(name, child, tell)));
  writeUpState({ supervisor, children: {}, ...(sitePort && { sitePort }) });
  return ended.flatMap((name) => name ?? []);
}

async function end(name: string, child: ProcessIdentity, tell: (line: string) => void): Promise<string | undefined> {
  if (!isAlive(child)) return undefined;
  tell(`ending a ${name} that an earlier start has left (process ${child.pid})`);
  await terminate(child, 'SIGTERM', WORKER_PATIENCE_MS);
  return name;
}
