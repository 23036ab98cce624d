/** Everything random comes from a seed, derived per purpose: the same seed draws and shuffles the same everywhere. */
import { atOnce, PER_STEP, type Steps } from './steps';
import { allocated, type Strata, sizesOf } from './strata';
import { hashText } from './text';

export type { Strata };

/** How many of a set's prompts are drawn, and how. */
export interface Draw {
  /** null: all there are, or a share of them. */
  sample: number | null;
  /** 0..1: each prompt is drawn by its own hash, with this chance. Goes before `sample`. */
  share?: number | null | undefined;
  /** A number of prompts is divided over them. A share takes its part of each as it is, and so do all. */
  strata?: Strata | null | undefined;
}
export interface Drawable {
  externalId: string;
  /** Its value of the strata's field; null: it has none. */
  stratum?: string | null;
}

/**
 * The drawn prompts, in the seeded order: a simple random sample without replacement, within each stratum where there are
 * any. With the same seed fewer are always among more, unless a proportional allocation takes a place from a stratum. When a
 * set grows, a share keeps its draws; a sample of `n` keeps those that no new prompt ranks before.
 */
export function drawn<T extends Drawable>(prompts: readonly T[], draw: Draw, seed: string): T[] {
  return atOnce(drawing(prompts, draw, seed));
}

/** The same, step by step. */
export function* drawing<T extends Drawable>(
  prompts: readonly T[],
  { sample, share, strata }: Draw,
  seed: string,
): Steps<T[]> {
  const ranked = yield* ranking(prompts, seed, PROMPTS, ({ externalId }) => externalId);
  const { length: all } = ranked;
  if (typeof share === 'number') return thingsOf(ranked.filter(({ rank }) => fractionOf(rank) < share));
  if (sample === null || sample >= all) return thingsOf(ranked);
  if (!strata) return thingsOf(ranked.slice(0, sample));
  const ordered = thingsOf(ranked);
  const allocation = allocated(sizesOf(ordered), sample, strata.allocation);
  const left = new Map(allocation.map(({ stratum, drawn: places }) => [stratum, places]));
  return ordered.filter(({ stratum = null }) => {
    const places = left.get(stratum) ?? 0;
    left.set(stratum, places - 1);
    return places > 0;
  });
}

/** The purpose for which prompts are ranked. */
const PROMPTS = 'prompts';

/**
 * Puts things in a random order that depends only on the seed, the purpose and each thing's key: sorted by
 * sha256(seed, purpose, key). A thing keeps its rank among the others when more are added.
 */
export function seededOrder<T>(things: Iterable<T>, seed: string, purpose: string, keyOf: (thing: T) => string): T[] {
  return atOnce(ordering(things, seed, purpose, keyOf));
}

/** The same, step by step. */
export function* ordering<T>(
  things: Iterable<T>,
  seed: string,
  purpose: string,
  keyOf: (thing: T) => string,
): Steps<T[]> {
  return thingsOf(yield* ranking(things, seed, purpose, keyOf));
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

interface Ranked<T> {
  thing: T;
  /** sha256 in hex. */
  rank: string;
}

function* ranking<T>(
  things: Iterable<T>,
  seed: string,
  purpose: string,
  keyOf: (thing: T) => string,
): Steps<Ranked<T>[]> {
  const ranked: Ranked<T>[] = [];
  for (const thing of things) {
    ranked.push({ thing, rank: rankOf(seed, purpose, keyOf(thing)) });
    if (ranked.length % PER_STEP === 0) yield;
  }
  return ranked.length < PER_STEP ? ranked.sort(byRank) : yield* sortedInBins(ranked);
}

/** Ranks are spread evenly, so that sorting within bins by their beginnings sorts the whole, a little at a time. */
function* sortedInBins<T>(ranked: readonly Ranked<T>[]): Steps<Ranked<T>[]> {
  const bins: Ranked<T>[][] = Array.from({ length: BINS }, () => []);
  for (const [i, one] of ranked.entries()) {
    bins[Number.parseInt(one.rank.slice(0, BIN_DIGITS), 16)]?.push(one);
    if (i % (10 * PER_STEP) === 0) yield;
  }
  const sorted: Ranked<T>[] = [];
  let pausedAt = 0;
  for (const bin of bins) {
    for (const one of bin.sort(byRank)) sorted.push(one);
    if (sorted.length - pausedAt < PER_STEP) continue;
    pausedAt = sorted.length;
    yield;
  }
  return sorted;
}

function byRank(a: Ranked<unknown>, b: Ranked<unknown>): number {
  return a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0;
}

const BIN_DIGITS = 3;
const BINS = 16 ** BIN_DIGITS;

function rankOf(seed: string, purpose: string, key: string): string {
  return hashText(JSON.stringify([seed, purpose, key]));
}

/** Digits of a rank that a number holds exactly. */
const EXACT_DIGITS = 13;

/** A rank as a number from 0 to below 1. */
function fractionOf(rank: string): number {
  return Number.parseInt(rank.slice(0, EXACT_DIGITS), 16) / 16 ** EXACT_DIGITS;
}

function thingsOf<T>(ranked: readonly Ranked<T>[]): T[] {
  return ranked.map(({ thing }) => thing);
}
