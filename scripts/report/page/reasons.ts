/** Reasons of verdicts in words; a kind of fault is its own word. */
const WORDS: { [reason: string]: string } = {
  '': 'no reason given',
  'did-well': 'did well: no fault',
  'did-its-best': 'did its best: could not have avoided its faults',
  'spec-unsettled': 'the manual does not settle it',
  'intent-unclear': 'what was wanted is not plain',
  'capability-unknown': 'not known whether it is capable of it',
  'hard-case': 'an unusually hard case',
  mixed: 'labels differ in the reason',
  quarantined: 'in quarantine',
};

export function reasonInWords(reason: string): string {
  return (Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined) ?? reason;
}
