/** What a labeller is offered at once must have single keys: a form has nine digits and the letters for them. */
import { FAULT_KINDS } from '../../../domain/forms';
import type { Manual } from '../../../domain/manual';
import type { Problem } from '../../../domain/problems';

/** 1 to 9 and a to z; 0 is kept for "none of these". */
const KEYS = 35;

/** @param at the place of a section of the manual. */
export function keyProblems(
  { form, clauses, entries }: Pick<Manual, 'form' | 'clauses' | 'entries'>,
  at: (section: 'clauses' | 'entries') => string,
): Problem[] {
  if (form === 'verdict') return [];
  const prohibited = clauses.filter(({ part }) => part === 'prohibited').length;
  return [
    ...tooMany(at('clauses'), prohibited, 'clauses of the part prohibited'),
    ...FAULT_KINDS.flatMap((kind) => {
      const offered = entries.filter(({ kinds }) => kinds.includes(kind)).length;
      return tooMany(at('entries'), offered, `entries for ${kind}`);
    }),
  ];
}

function tooMany(at: string, n: number, what: string): Problem[] {
  if (n <= KEYS) return [];
  const message = `has ${n} ${what}, and there are keys for ${KEYS} at most`;
  return [{ kind: 'manual', message, hint: 'join those that labellers would confuse', at }];
}
