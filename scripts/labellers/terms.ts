/** The terms that somebody is invited under, as a file. */
import { ProblemsError } from '../../domain/problems';
import { readSmallFile, shownPath } from '../intake/files';

const LARGEST_TERMS = 1024 * 1024;

/** @throws ProblemsError for a file that cannot be read, or says nothing. */
export function termsFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const text = readSmallFile(file, LARGEST_TERMS);
  if (text.trim() !== '') return text;
  const hint = 'write into it what labellers are to agree to';
  throw ProblemsError.of({ kind: 'file', message: 'is empty', hint, at: shownPath(file) });
}
