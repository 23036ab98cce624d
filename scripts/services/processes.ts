import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { processStart } from '../../bin/bootstrap/process-start';
import { until } from './waiting';

/** One process and no other: numbers are used again, a number together with its start is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as an opaque word. */
  readonly started: string;
}

/** The live process with this number. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = processStart(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(one: ProcessIdentity): boolean {
  return processStart(one.pid) === one.started;
}

/** The command line of a live process, its words joined by blanks; '' where it cannot be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Every live process whose command line satisfies `matches`. */
export function findProcesses(matches: (commandLine: string) => boolean): ProcessIdentity[] {
  return processNumbers()
    .filter((pid) => pid !== process.pid && matches(commandLine(pid)))
    .flatMap((pid) => identify(pid) ?? []);
}

function processNumbers(): number[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  return execFileSync('ps', ['-ax', '-o', 'pid='], { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
}

/**
 * Asks a process to end and, once patience is at its end, kills it. False if it lives even then.
 * Never touches another process that has got the same number.
 */
export async function terminate(one: ProcessIdentity, signal: NodeJS.Signals, patienceMs: number): Promise<boolean> {
  const hasEnded = () => (isAlive(one) ? undefined : true);
  send(one, signal);
  if (await until(hasEnded, { withinMs: patienceMs, everyMs: 20 })) return true;
  send(one, 'SIGKILL');
  return (await until(hasEnded, { withinMs: 5000, everyMs: 20 })) ?? false;
}

function send(one: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(one)) return;
  try {
    process.kill(one.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
