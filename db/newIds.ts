/** Random ids that people can read aloud and type. */
import { randomBytes } from 'node:crypto';
import type { PersonId, RoundId } from '../domain/ids';

/** `r-` and 50 random bits. */
export function newRoundId(): RoundId {
  return `r-${letters(10)}` as RoundId;
}

/** `p_` and 60 random bits. */
export function newPersonId(): PersonId {
  return `p_${letters(12)}` as PersonId;
}

/** Crockford's base 32: no letter that is taken for a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function letters(count: number): string {
  return Array.from(randomBytes(count), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}
