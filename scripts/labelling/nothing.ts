/** Why there is nothing to label, in words. */
import { harmlessLine } from '../harmless';

const WORDS = new Map([
  ['none-left', 'Nothing is left to label in this round.'],
  ['all-leased', 'All that is left is in others’ hands, or has no completion yet.'],
  ['seen-all', 'You have seen all that is open.'],
  [
    'no-matching-items',
    'What is open asks for something that you are not known to have, such as a language: an operator can add it.',
  ],
  ['not-qualified', 'This round is for other labellers; an operator can tell you which round is yours.'],
  ['consent-needed', 'There are terms to agree to first: start again, and they are shown.'],
  ['suspended', 'You are suspended: no items come to you until an operator lifts it. What you gave before counts.'],
  ['paused', 'The round is paused.'],
]);

export function whyNothing(reason: string): string {
  return WORDS.get(reason) ?? `There is nothing now (${harmlessLine(reason)}).`;
}
