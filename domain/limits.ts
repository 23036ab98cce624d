/**
 * How many calls of a provider's account may be in flight, and who may make them. Additive increase, multiplicative
 * decrease (Chiu & Jain 1989), the decrease mild: a provider says by itself how long to wait.
 */

/** A change of a limit, as it is told. */
export interface LimitChange {
  previous: number;
  current: number;
}

const CUT = 0.8;
const GROWTH = 0.05;
/** After a cut the next one waits this long: calls that were under way at the first are refused as well. */
export const COOL_DOWN_MS = 10_000;

/** After a refusal for being too fast. Never below one call. */
export function cut(limit: number): number {
  return Math.max(1, Math.floor(limit * CUT));
}

/**
 * After as many answers as calls may be in flight.
 * @param ceiling as the account allows at most.
 */
export function grown(limit: number, ceiling: number): number {
  return Math.min(ceiling, limit + Math.max(1, Math.ceil(limit * GROWTH)));
}

/**
 * Max-min fair shares of a limit: nobody gets more than they want, and nobody less than an equal part of what the others
 * leave. Whole numbers; what is left over goes to the first.
 * @param wanted by each.
 * @returns for each, in the same order; they add up to the limit at most.
 */
export function fairShares(limit: number, wanted: readonly number[]): number[] {
  const shares = wanted.map(() => 0);
  const byWish = wanted.map((want, i) => ({ want, i })).sort((a, b) => a.want - b.want || b.i - a.i);
  let left = Math.max(0, limit);
  byWish.forEach(({ want, i }, at) => {
    const others = byWish.length - at;
    // The last ones in the order of wishes, and so the first of the equal ones, get the odd permits.
    const share = Math.min(want, Math.floor(left / others));
    shares[i] = share;
    left -= share;
  });
  return shares;
}

/** Failures of the same kind, one after the other, after which a model is not called any more but for a look now and then. */
export const FAILURES_TO_PARK = 20;
const FIRST_LOOK_MS = 10_000;
const RAREST_LOOK_MS = 600_000;

/** How long a parked model is left alone. @param failures so far, at least FAILURES_TO_PARK. */
export function parkedForMs(failures: number, firstLookMs = FIRST_LOOK_MS): number {
  return Math.min(RAREST_LOOK_MS, firstLookMs * 2 ** Math.min(10, Math.max(0, failures - FAILURES_TO_PARK)));
}
