import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { ServiceError } from './errors';

const LARGE = 20 * 1024 * 1024;
const TAIL_BYTES = 8 * 1024;
const TAIL_LINES = 15;

/** A service's log, opened to be added to, and how long it was before: what follows is of this start. */
export interface OpenLog {
  readonly file: string;
  readonly fd: number;
  readonly from: number;
  close(): void;
}

/** Opens a log for a new start of its service; a large one is first set aside, so that two are kept at most. */
export function openLog(file: string): OpenLog {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGE) renameSync(file, `${file}.1`);
  const fd = openSync(file, 'a', 0o600);
  return { file, fd, from: fstatSync(fd).size, close: () => closeSync(fd) };
}

/** What a log says after byte `from`, at most its last 8 KiB. */
export function logSince(file: string, from = 0): string {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const start = Math.max(from, fstatSync(fd).size - TAIL_BYTES);
    const bytes = Buffer.alloc(TAIL_BYTES);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, TAIL_BYTES, start));
  } finally {
    closeSync(fd);
  }
}

/** A failure with its log's name and last lines, and with the cause where the lines tell it. */
export function failureFromLog(
  kind: 'start-failed' | 'stop-failed' | 'timeout',
  what: string,
  { file, from }: { file: string; from?: number },
): ServiceError {
  const said = logSince(file, from).trim();
  const message = said
    ? `${what}. Its log, ${file}, ends with:\n${lastLines(said)}`
    : `${what}. Its log ${file} is empty.`;
  if (/no space left on device|database or disk is full|ENOSPC/i.test(said)) {
    return new ServiceError('disk-full', message, 'The disk is full: make room, then start again.');
  }
  return new ServiceError(kind, message, `The whole log is ${file}. Mend what it names, then start again.`);
}

export function lastLines(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-TAIL_LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}
