/** What a labeller wrote, as it is stored. */
import { type Answers, type FormName, readAnswers } from '../../domain/forms';
import { wellFormed, wellFormedJson } from '../../domain/text';
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

/** Valid answers stay valid: a form's answers hold no text that this could change into something the form lacks. */
export function wellFormedAnswers(form: FormName, answers: Answers): Answers {
  return readAnswers(form, wellFormedJson({ ...answers }));
}
