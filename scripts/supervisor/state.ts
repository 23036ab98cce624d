/** `up.json`: what `plumbline up` runs, so that other commands and the next start find it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { stateFolder } from '../finding';
import { type FileLock, tryExclusive } from '../services/locks';

const identity = z.object({ pid: z.int().positive(), started: z.string().min(1) });
const addresses = z.object({
  site: z.string(),
  temporal: z.string(),
  temporalUi: z.string().nullable(),
  /** Host, port and database only. */
  postgres: z.string(),
});
const upState = z.object({
  supervisor: identity,
  /** Of the supervisor: when the environment and `.env` were read that all children get. */
  startedAt: z.iso.datetime().optional(),
  /** The site and the workers. A record is a claim: the process may be gone and its number another's. */
  children: z.record(z.string(), identity),
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

/** What the file says; undefined where it is missing, cut short or not ours. */
export function readUpState(): UpState | undefined {
  try {
    return upState.safeParse(JSON.parse(readFileSync(file(), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

export function writeUpState(state: UpState): void {
  const written = `${file()}.new`;
  writeFileSync(written, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(written, file());
}

/** The lock of the one `up` in this folder: held for as long as its process lives. Undefined while another has it. */
export function takeUpLock(): FileLock | undefined {
  mkdirSync(stateFolder(), { recursive: true, mode: 0o711 });
  return tryExclusive(path.join(stateFolder(), 'up.lock'));
}
