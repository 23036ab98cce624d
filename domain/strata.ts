/** Strata: a set's prompts by their value of a field, and how many of each are drawn. */
import { canonicalJson, type Json } from './text';

/** Strata of a draw: by a field of what the file said of its prompts. */
export interface Strata {
  field: string;
  /** proportional: as large as in the set · equal: alike, as far as they go. */
  allocation: 'proportional' | 'equal';
}

/** A stratum's value of the field; null: the prompts without it, which are a stratum of their own. */
export type Stratum = string | null;

export interface StratumSize {
  stratum: Stratum;
  size: number;
}
export interface StratumDraw extends StratumSize {
  drawn: number;
}

/** The stratum that a value of the field stands for. A number or a list is known by its JSON, so that 7 and "7" are one. */
export function stratumOf(value: Json | undefined): Stratum {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : canonicalJson(value);
}

const LONGEST_NAME = 60;

/** As people are told of it. */
export function nameOfStratum(stratum: Stratum, field: string): string {
  if (stratum === null) return `(without ${field})`;
  return stratum.length > LONGEST_NAME ? `${stratum.slice(0, LONGEST_NAME)}…` : stratum;
}

export function sizesOf(prompts: readonly { stratum?: Stratum }[]): StratumSize[] {
  const sizes = new Map<Stratum, number>();
  for (const { stratum = null } of prompts) sizes.set(stratum, (sizes.get(stratum) ?? 0) + 1);
  return [...sizes].map(([stratum, size]) => ({ stratum, size }));
}

/**
 * Divides `n` places over strata; what is asked for beyond all there is, is not given. In the order of the strata's names,
 * those without the field last.
 * @param sizes each stratum once.
 */
export function allocated(sizes: readonly StratumSize[], n: number, allocation: Strata['allocation']): StratumDraw[] {
  const inOrder = [...sizes].sort((a, b) => byName(a.stratum, b.stratum));
  const wanted = Math.min(n, total(sizes));
  return allocation === 'equal' ? equally(inOrder, wanted) : proportionally(inOrder, wanted);
}

/**
 * Largest remainder (Hamilton 1792): the whole part of n × size / all, and one place more to the largest fractions. Of equal
 * fractions the larger stratum's goes first, of equal sizes that of the first name.
 */
function proportionally(sizes: readonly StratumSize[], n: number): StratumDraw[] {
  const all = total(sizes);
  if (all === 0) return [];
  const shares = sizes.map(({ stratum, size }) => {
    // In whole numbers, so that equal fractions are equal.
    const rest = (n * size) % all;
    return { stratum, size, drawn: (n * size - rest) / all, rest };
  });
  const left = n - shares.reduce((sum, { drawn }) => sum + drawn, 0);
  const first = [...shares].sort((a, b) => b.rest - a.rest || b.size - a.size).slice(0, left);
  for (const share of first) share.drawn += 1;
  return shares.map(({ stratum, size, drawn }) => ({ stratum, size, drawn }));
}

/**
 * The same for each; what a small stratum cannot give is divided over the others alike. Places that do not divide go to the
 * larger strata, of equal sizes to those of the first names.
 */
function equally(sizes: readonly StratumSize[], n: number): StratumDraw[] {
  const draws = sizes.map((one) => ({ ...one, drawn: 0 }));
  const fromLargest = [...draws].sort((a, b) => b.size - a.size);
  let left = n;
  // From the smallest on: once one can give its part, so can all that follow.
  for (const [others, draw] of [...fromLargest.entries()].reverse()) {
    draw.drawn = Math.min(draw.size, Math.floor(left / (others + 1)));
    left -= draw.drawn;
  }
  return draws;
}

function byName(a: Stratum, b: Stratum): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : a > b ? 1 : 0;
}

function total(sizes: readonly StratumSize[]): number {
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
