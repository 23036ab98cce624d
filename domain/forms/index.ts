/**
 * What a labeller is asked. A label stores answers only; what follows from them is derived in `derivation.ts`, whenever it
 * is read.
 */
import { describeMisalignment } from './describeMisalignment';
import { type MisalignmentAnswers, readMisalignment } from './obviousMisalignment';
import { readVerdict, VERDICT_FORM, type VerdictAnswers } from './verdict';
import { type FormDescription, type FormName, NO_WORDS, type Vocabulary } from './words';

export {
  DIFFICULTIES,
  type Difficulty,
  FAULT_KINDS,
  type Fault,
  type FaultKind,
  FORBIDDEN,
  INTENTS,
  type MisalignmentAnswers,
  MOST_FAULTS,
  WISHES,
  type Wish,
} from './obviousMisalignment';
export type { VerdictAnswers } from './verdict';
export {
  AnswersError,
  type Choice,
  FORMS,
  type FormDescription,
  type FormName,
  NO_WORDS,
  type Question,
  VERDICTS,
  type Verdict,
  type Vocabulary,
} from './words';

export type Answers = VerdictAnswers | MisalignmentAnswers;

/**
 * Reads untrusted answers under a form. What it gives back holds words of form and manual only, never a text of the caller's.
 * @param words what the round's manual lets answers cite.
 * @throws AnswersError naming the first field that the form does not have or whose value it does not allow.
 */
export function readAnswers(form: FormName, input: unknown, words: Vocabulary = NO_WORDS): Answers {
  return form === 'verdict' ? readVerdict(input) : readMisalignment(input, words);
}

/** The form as the API serves it with an item, so that a client can ask it without knowing it. */
export function describeForm(form: FormName, words: Vocabulary = NO_WORDS): FormDescription {
  return form === 'verdict' ? VERDICT_FORM : describeMisalignment(words);
}
