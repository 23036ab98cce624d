/** `up.json`: what `plumbline up` runs, so that other commands and the next start find it. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { stateFolder } from '../finding';
import { type FileLock, tryExclusive } from '../services/locks';
import { keep, keptProcess, readKept } from './keptFile';

const addresses = z.object({
  site: z.string(),
  temporal: z.string(),
  temporalUi: z.string().nullable(),
  /** Host, port and database only. */
  postgres: z.string(),
});
const upState = z.object({
  supervisor: keptProcess,
  /** Of the supervisor: when the environment and `.env` were read that all children get. */
  startedAt: z.iso.datetime().optional(),
  /** The site and the workers. */
  children: z.record(z.string(), keptProcess),
  /** Set once everything answers. */
  addresses: addresses.optional(),
  /** Tried first by the next start. */
  sitePort: z.int().min(1).max(65535).optional(),
});

export type UpState = z.infer<typeof upState>;
export type Addresses = z.infer<typeof addresses>;

function file(): string {
  return path.join(stateFolder(), 'up.json');
}

export function readUpState(): UpState | undefined {
  return readKept(file(), upState);
}

export function writeUpState(state: UpState): void {
  keep(file(), JSON.stringify(state, null, 2));
}

/** The lock of the one `up` in this folder: held for as long as its process lives. Undefined while another has it. */
export function takeUpLock(): FileLock | undefined {
  mkdirSync(stateFolder(), { recursive: true, mode: 0o711 });
  return tryExclusive(path.join(stateFolder(), 'up.lock'));
}
