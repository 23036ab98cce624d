/** What a labeller wrote, as it is stored. */
import { wellFormed } from '../../domain/text';
import type { Tx } from '../connection';
import { saveText } from '../texts';

/** UTF-16 code units. */
export const LONGEST_NOTE = 10_000;

/** Stores a note by its hash; an empty one is none. @throws RangeError for one that is too long. */
export async function saveNote(tx: Tx, note: string | null): Promise<string | null> {
  if (note === null || note === '') return null;
  if (note.length > LONGEST_NOTE) throw new RangeError(`a note has at most ${LONGEST_NOTE} characters`);
  return saveText(tx, wellFormed(note));
}
