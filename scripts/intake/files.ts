/** Files that operators name: what cannot be read is said as a problem with the file, not as a failure of the program. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Problem, ProblemsError } from '../../domain/problems';
import { didYouMean } from './suggestions';

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ENAMETOOLONG: 'is too long a name for a file',
  ELOOP: 'is a link that leads back to itself',
};

/** The problem behind a failed read, or undefined if it was no failure of the file system. */
export function fileProblem(error: unknown, file: string): Problem | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string') return;
  const message = REASONS[error.code] ?? (error.code.startsWith('ERR_') ? 'is not a usable file name' : undefined);
  const hint = error.code === 'ENOENT' ? likeNamed(file) : undefined;
  return {
    kind: 'file',
    message: message ?? `cannot be read (${error.code})`,
    at: shownPath(file),
    ...(hint && { hint }),
  };
}

/** What may have been meant, of what lies in the same folder. */
function likeNamed(file: string): string | undefined {
  try {
    return didYouMean(path.basename(file), readdirSync(path.dirname(file)));
  } catch {
    const folder = path.dirname(file);
    return existsSync(folder) ? undefined : `there is no folder ${shownPath(folder)} either`;
  }
}

/** @throws ProblemsError unless it is a plain file that can be looked at. */
export function sizeOfFile(file: string): number {
  const stats = tried(file, () => statSync(file));
  if (stats.isDirectory())
    throw ProblemsError.of({ kind: 'file', message: 'is a folder, not a file', at: shownPath(file) });
  if (!stats.isFile()) {
    const hint = 'write it to a file first: it is read twice';
    throw ProblemsError.of({ kind: 'file', message: 'is not a plain file', hint, at: shownPath(file) });
  }
  return stats.size;
}

/** A whole text file without its byte order mark. @throws ProblemsError if it is missing, too large or not UTF-8. */
export function readSmallFile(file: string, largest: number): string {
  if (sizeOfFile(file) > largest) {
    throw ProblemsError.of({
      kind: 'file',
      message: `is larger than ${largest / 1024 / 1024} MB`,
      at: shownPath(file),
    });
  }
  const bytes = tried(file, () => readFileSync(file));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw ProblemsError.of({
      kind: 'file',
      message: 'is not UTF-8 text',
      hint: 'save it as UTF-8',
      at: shownPath(file),
    });
  }
}

function tried<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const problem = fileProblem(error, file);
    throw problem ? ProblemsError.of(problem) : error;
  }
}

/** A path as people here would write it. */
export function shownPath(file: string): string {
  const relative = path.relative('', file);
  return relative === '' || relative.startsWith('..') ? file : relative;
}
