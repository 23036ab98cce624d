/** Workers have the environment, and with it `.env`, as it was when `up` was started. */
import { statSync } from 'node:fs';
import { isAlive } from '../services/processes';
import { readUpState } from './state';

/** What to do where `.env` was changed under a running `up`; undefined where it was not. */
export function environmentFileIsNewer(): { message: string; hint: string } | undefined {
  const up = readUpState();
  const written = statSync('.env', { throwIfNoEntry: false })?.mtimeMs;
  if (!up?.startedAt || !isAlive(up.supervisor) || written === undefined) return undefined;
  if (written <= Date.parse(up.startedAt)) return undefined;
  const hint = 'start them again to read it: plumbline down, then plumbline up --detach';
  return { message: 'was changed after the workers had started', hint };
}
