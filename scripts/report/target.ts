/** A file that a command writes: whole or not at all. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Problem, ProblemsError } from '../../domain/problems';
import { shownPath } from '../intake/files';
import { codeOf } from '../intake/manual/folder';

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such folder to write it to',
  ENOTDIR: 'there is no such folder to write it to',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  EROFS: 'cannot be written: the disk is read-only',
  ENOSPC: 'cannot be written: the disk is full',
  ENAMETOOLONG: 'is too long a name for a file',
};

/** What `given` stands for, so that a link goes on leading to what is written. @throws ProblemsError where nothing can be. */
export function writableTarget(given: string, flag: string): string {
  return tried(given, flag, () => {
    const file = existing(given);
    if (file !== undefined) {
      const stats = statSync(file);
      if (stats.isDirectory()) throw problem('is a folder, not a file', given, flag);
      if (!stats.isFile()) throw problem('is not a plain file', given, flag);
      accessSync(file, constants.W_OK);
    }
    const target = file ?? path.resolve(given);
    accessSync(path.dirname(target), constants.W_OK | constants.X_OK);
    return target;
  });
}

/** Under another name beside it first, then renamed: nobody reads half of it. @throws ProblemsError where it fails. */
export function writeWhole(target: string, text: string, flag: string): void {
  const unfinished = `${target}.${randomBytes(4).toString('hex')}.unfinished`;
  tried(target, flag, () => {
    try {
      writeFileSync(unfinished, text, { flag: 'wx' });
      renameSync(unfinished, target);
    } finally {
      rmSync(unfinished, { force: true });
    }
  });
}

/** The file behind links; undefined where there is none. A folder's name with a slash after it means a folder. */
function existing(given: string): string | undefined {
  try {
    return realpathSync(given);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !/[\\/]$/.test(given)) return undefined;
    throw error;
  }
}

function tried<T>(file: string, flag: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = codeOf(error);
    if (typeof code !== 'string') throw error;
    throw problem(REASONS[code] ?? `cannot be written (${code})`, file, flag);
  }
}

function problem(message: string, file: string, flag: string): ProblemsError {
  const said: Problem = { kind: 'file', message, hint: 'name a file in a folder that there is', at: at(file, flag) };
  return ProblemsError.of(said);
}

function at(file: string, flag: string): string {
  return `${flag} ${shownPath(file)}`;
}
