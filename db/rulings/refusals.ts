/** Why a ruling is not taken: a code for programs, a sentence for people, and what to do. */
import type { Stage } from '../../domain/rulings';
import type { ItemState } from '../../domain/states';

export const REFUSAL_CODES = [
  'malformed',
  'unknown-person',
  'removed-person',
  'not-a-researcher',
  'unknown-item',
  'round-cancelled',
  'round-failed',
  'quarantined',
  'redacted',
  'labelled-it-yourself',
  'already-ruled',
  'ruled-by-another',
  'not-contested',
  'not-blind-yet',
  'invalid-answers',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  kind: 'refused';
  code: RefusalCode;
  message: string;
  hint?: string;
  /** The field of what was sent. */
  at?: string;
}

function refusal(code: RefusalCode, message: string, more: { hint?: string; at?: string } = {}): Refusal {
  return { kind: 'refused', code, message, ...more };
}

export const malformed = (at: string): Refusal =>
  refusal('malformed', 'is not what a ruling is made of', {
    hint: 'a ruling says itemId, researcherId and answers; stage (blind or informed) and second (true) where they apply',
    at,
  });

export const unknownPerson = (): Refusal =>
  refusal('unknown-person', 'nobody has this id or name', { hint: '`plumbline person list` shows who is here' });

export const removedPerson = (name: string): Refusal => refusal('removed-person', `${name} was removed`);

export const notAResearcher = (name: string): Refusal =>
  refusal('not-a-researcher', `${name} may not do this: it takes the role researcher`, {
    hint: `an operator gives it: plumbline person add "${name}" --role researcher`,
  });

export const unknownItem = (): Refusal =>
  refusal('unknown-item', 'there is no such item', { hint: '`plumbline adjudicate list ROUND` shows what to rule on' });

export const roundOver = (status: 'cancelled' | 'failed'): Refusal =>
  refusal(status === 'cancelled' ? 'round-cancelled' : 'round-failed', `its round is ${status}: nothing counts there`);

export const quarantined = (): Refusal =>
  refusal('quarantined', 'the item is in quarantine: nobody is shown it, nobody rules on it');

export const redacted = (): Refusal => refusal('redacted', 'its text was redacted: nobody can judge it any more');

export const labelledItYourself = (): Refusal =>
  refusal('labelled-it-yourself', 'you hold or gave a label on it: a ruling takes eyes that do not label it too', {
    hint: 'leave it to another researcher',
  });

export function alreadyRuled(stage: Stage): Refusal {
  if (stage === 'informed') {
    return refusal('already-ruled', 'you have ruled on it after seeing the labels: rulings are never edited');
  }
  return refusal('already-ruled', 'you have ruled on it before, with other answers: rulings are never edited', {
    hint: 'having seen the labels you may change your mind: --stage informed',
  });
}

export const ruledByAnother = (name: string): Refusal =>
  refusal('ruled-by-another', `${name} has ruled on it, and that stands`, {
    hint: 'to rule on it a second time on purpose, blind like the first: --second',
  });

/** Only what labellers disagree on, or left unsettled at the deadline, is a researcher's to decide. */
export function notContested(state: ItemState): Refusal {
  const why = {
    pending: 'it has no completion yet',
    generated: 'it is not open yet',
    open: 'it still waits for labels',
    contested: 'it is contested',
    settled: 'its labels settled it',
    failed: 'it has no completion, and will have none',
    unresolved: 'it ended without a completion, or without a label',
  };
  return refusal('not-contested', `there is nothing to rule on: ${why[state]}`, {
    hint: '`plumbline adjudicate list ROUND` shows what is contested',
  });
}

export const notBlindYet = (): Refusal =>
  refusal('not-blind-yet', 'your first ruling on an item is a blind one', {
    hint: 'rule without --stage first; then the labels appear',
  });

export const invalidAnswers = (at: string, message: string): Refusal =>
  refusal('invalid-answers', message, { hint: '`plumbline adjudicate show ITEM` says what may be answered', at });
