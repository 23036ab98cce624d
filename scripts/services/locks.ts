import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { tryDowngradeLock, tryLock } from 'fs-native-extensions';
import { ServiceError } from './errors';

/**
 * Locks of the operating system on a file: they belong to the open file, so the kernel lets go when the last process
 * that has it open ends, however it ends. A child given `fd` keeps the lock for as long as it lives.
 */
export interface FileLock {
  readonly fd: number;
  release(): void;
}

interface Patience {
  /** How long to wait for the lock, in ms. */
  readonly withinMs: number;
  /** Called once, with the holder's process number where it is known, when there is something to wait for. */
  readonly waiting?: (holder: number | undefined) => void;
}

/** The exclusive lock on `file`, waited for. Throws a `busy` ServiceError when it does not come free in time. */
export async function lock(file: string, { withinMs, waiting }: Patience): Promise<FileLock> {
  const deadline = Date.now() + withinMs;
  for (let told = false; ; told = true) {
    const held = tryExclusive(file);
    if (held) {
      ftruncateSync(held.fd);
      writeSync(held.fd, String(process.pid));
      return held;
    }
    const holder = holderOf(file);
    if (!told) waiting?.(holder);
    if (Date.now() > deadline) {
      const whose = holder === undefined ? 'another process' : `process ${holder}`;
      const message = `waited ${Math.round(withinMs / 1000)} s for ${whose}, which holds ${file}`;
      throw new ServiceError('busy', message, 'Wait until it is done; if it hangs, end it and start again.');
    }
    await pause(50);
  }
}

/** The exclusive lock on `file`, or undefined while anybody else holds a lock on it. */
export function tryExclusive(file: string): FileLock | undefined {
  const held = open(file);
  if (tryLock(held.fd)) return held;
  held.release();
  return undefined;
}

/** A lock on `file` that any number may hold, or undefined while somebody holds the exclusive one. */
export function tryShared(file: string): FileLock | undefined {
  const held = open(file);
  if (tryLock(held.fd, { shared: true })) return held;
  held.release();
  return undefined;
}

/** Makes an exclusive lock one that others may share, without a moment in which it is free. */
export function share(held: FileLock): void {
  tryDowngradeLock(held.fd);
}

function open(file: string): FileLock {
  const fd = openSync(file, 'a+', 0o600);
  let released = false;
  return {
    fd,
    release: () => {
      if (!released) closeSync(fd);
      released = true;
    },
  };
}

/** Who holds the lock, for a message: whoever waited for it wrote its number into the file. */
function holderOf(file: string): number | undefined {
  const pid = Number(readFileSync(file, 'utf8'));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
