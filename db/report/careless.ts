/** Labellers who stand out: who agree far less with the others than is usual, overlook what others see, or are too fast. */
import { oneSidedUpper } from '../../domain/intervals';
import type { LabellerAgreement, Part } from './agreement';
import type { LabellerWork } from './work';

/** Why a labeller stands out. */
export const SIGNS = ['disagrees', 'overlooks', 'too-fast'] as const;
export type Sign = (typeof SIGNS)[number];

export type LabellerFigures = LabellerWork & LabellerAgreement;

/** Two shares, 0 to 1; null where there are too few labellers to compare. */
interface Shares {
  others: number | null;
  faults: number | null;
}

/** The median labeller's, among those of whom enough is known; null where there are too few of them. */
export interface Usual extends Shares {
  /** Whose shares were compared: the more there are, the surer it must be of each that they stand out. */
  labellers: number;
  /** Of all that these labellers said, taken together. */
  together: Shares;
  medianSeconds: number | null;
}

/** Of fewer labels than this nothing is said. */
export const FEWEST_LABELS = 10;
/** Below so many labellers none of them is usual. */
export const FEWEST_LABELLERS = 3;
/** That far below the usual share, 0 to 1. */
export const FAR_BELOW = 0.1;
/**
 * And that surely so: the chance that anybody at all of a round's labellers, all alike, is said to stand out (Bonferroni).
 * What all are like is told by their labels together: of short records the median is often 100%, of which nobody falls short
 * by chance.
 */
export const RISK = 0.01;
const COMPARISONS_EACH = 2;
/** Of the usual time. Where that is shorter than the least, all may be fast. */
export const TOO_FAST = 0.25;
const LEAST_USUAL_SECONDS = 2;

export function usualOf(labellers: readonly LabellerFigures[]): Usual {
  const compared = (of: (each: LabellerFigures) => Part) =>
    labellers.map(of).filter((part) => part.of >= FEWEST_LABELS);
  const others = compared((each) => each.others);
  const faults = compared((each) => each.faults);
  return {
    labellers: others.length,
    others: median(others.map(shareOf)),
    faults: median(faults.map(shareOf)),
    together: { others: pooled(others), faults: pooled(faults) },
    medianSeconds: median(
      labellers.flatMap((each) => (each.labels >= FEWEST_LABELS ? (each.medianSeconds ?? []) : [])),
    ),
  };
}

export function signsOf({ others, faults, labels, medianSeconds }: LabellerFigures, usual: Usual): Sign[] {
  const { medianSeconds: usually, together } = usual;
  const fast =
    labels >= FEWEST_LABELS &&
    medianSeconds !== null &&
    usually !== null &&
    usually >= LEAST_USUAL_SECONDS &&
    medianSeconds < TOO_FAST * usually;
  return [
    ...(isFarBelow(others, usual.others, together.others, usual.labellers) ? (['disagrees'] as const) : []),
    ...(isFarBelow(faults, usual.faults, together.faults, usual.labellers) ? (['overlooks'] as const) : []),
    ...(fast ? (['too-fast'] as const) : []),
  ];
}

function isFarBelow({ n, of }: Part, usual: number | null, together: number | null, labellers: number): boolean {
  if (usual === null || together === null || of < FEWEST_LABELS) return false;
  const surely = 1 - RISK / (COMPARISONS_EACH * Math.max(1, labellers));
  return n / of < usual - FAR_BELOW && oneSidedUpper(n, of, surely) < Math.min(usual, together);
}

function shareOf({ n, of }: Part): number {
  return n / of;
}

function pooled(parts: readonly Part[]): number | null {
  if (parts.length < FEWEST_LABELLERS) return null;
  const sum = (key: keyof Part) => parts.reduce((all, part) => all + part[key], 0);
  return sum('n') / sum('of');
}

function median(values: readonly number[]): number | null {
  if (values.length < FEWEST_LABELLERS) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
