/** Everything random comes from a seed, derived per purpose: the same seed draws and shuffles the same everywhere. */
import { hashText } from './text';

/** Strata of a draw: by a field of what the file said of its prompts. */
export interface Strata {
  field: string;
  /** proportional: as large as in the set · equal: alike, as far as they go. */
  allocation: 'proportional' | 'equal';
}

/**
 * Puts things in a random order that depends only on the seed, the purpose and each thing's key: sorted by
 * sha256(seed, purpose, key). A thing keeps its rank among the others when more are added.
 */
export function seededOrder<T>(things: readonly T[], seed: string, purpose: string, keyOf: (thing: T) => string): T[] {
  return things
    .map((thing) => ({ thing, rank: hashText(JSON.stringify([seed, purpose, keyOf(thing)])) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
    .map(({ thing }) => thing);
}

/** A simple random sample without replacement: the first `size` in the seeded order. */
export function seededSample<T>(
  things: readonly T[],
  size: number,
  seed: string,
  purpose: string,
  keyOf: (thing: T) => string,
): T[] {
  return seededOrder(things, seed, purpose, keyOf).slice(0, size);
}
