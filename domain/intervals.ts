/** Intervals for a proportion, and what a guarantee's claim comes to. */
import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';

export type Interval = readonly [low: number, high: number];

/**
 * Exact two-sided interval for a binomial proportion (Clopper and Pearson 1934, by beta quantiles; Brown, Cai and
 * DasGupta 2001, eq. 9).
 * @param events 0..trials; @param trials at least 0 (no trials: nothing is known, [0, 1]); @param confidence in (0, 1).
 * @throws RangeError for counts or a confidence outside these ranges.
 */
export function clopperPearson(events: number, trials: number, confidence: number): Interval {
  checkRanges(events, trials, confidence);
  const tail = (1 - confidence) / 2;
  return [lowerLimit(events, trials, tail), upperLimit(events, trials, tail)];
}

/** One-sided Clopper–Pearson lower limit at the given confidence. Same ranges and errors as the interval. */
export function oneSidedLower(events: number, trials: number, confidence: number): number {
  checkRanges(events, trials, confidence);
  return lowerLimit(events, trials, 1 - confidence);
}

/** One-sided Clopper–Pearson upper limit at the given confidence. Same ranges and errors as the interval. */
export function oneSidedUpper(events: number, trials: number, confidence: number): number {
  checkRanges(events, trials, confidence);
  return upperLimit(events, trials, 1 - confidence);
}

function lowerLimit(events: number, trials: number, tail: number): number {
  return events === 0 ? 0 : betaQuantile(tail, events, trials - events + 1);
}

function upperLimit(events: number, trials: number, tail: number): number {
  return events === trials ? 1 : betaQuantile(1 - tail, events + 1, trials - events);
}

function checkRanges(events: number, trials: number, confidence: number): void {
  if (!Number.isInteger(trials) || trials < 0)
    throw new RangeError(`trials must be a whole number >= 0, not ${trials}`);
  if (!Number.isInteger(events) || events < 0 || events > trials) {
    throw new RangeError(`events must be a whole number from 0 to ${trials}, not ${events}`);
  }
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence must lie between 0 and 1, not ${confidence}`);
}
