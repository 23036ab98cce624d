import fc from 'fast-check';
import { clopperPearson, oneSidedLower, oneSidedUpper } from '../../domain/intervals';

/** P(X >= k) for X ~ Binomial(n, p), summed term by term: independent of the beta quantiles under test. */
function atLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  let total = 0;
  for (let i = k; i <= n; i += 1) {
    let logTerm = i * Math.log(p) + (n - i) * Math.log1p(-p);
    for (let j = 1; j <= i; j += 1) logTerm += Math.log((n - i + j) / j);
    total += Math.exp(logTerm);
  }
  return total;
}

describe('Clopper–Pearson intervals', () => {
  // Newcombe (1998), Statistics in Medicine 17:857, Table I, method 5; and R's binom.test.
  test.each([
    [81, 263, 0.2527, 0.3676],
    [0, 20, 0, 0.1684],
    [1, 29, 0.0009, 0.1776],
    [29, 29, 0.8806, 1],
    [5, 10, 0.1871, 0.8129],
    [1, 10, 0.0025, 0.445],
  ])('of %i in %i are the published ones', (events, trials, low, high) => {
    const [l, h] = clopperPearson(events, trials, 0.95);
    expect(l).toBeCloseTo(low, 4);
    expect(h).toBeCloseTo(high, 4);
  });

  test('leave exactly half the error in either binomial tail', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.nat(),
        fc.constantFrom(0.8, 0.9, 0.95, 0.99),
        (n, x, confidence) => {
          const k = x % (n + 1);
          const [low, high] = clopperPearson(k, n, confidence);
          const tail = (1 - confidence) / 2;
          if (k > 0) expect(atLeast(k, n, low)).toBeCloseTo(tail, 6);
          if (k < n) expect(1 - atLeast(k + 1, n, high)).toBeCloseTo(tail, 6);
          expect(low).toBeLessThanOrEqual(k / n);
          expect(high).toBeGreaterThanOrEqual(k / n);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('one-sided limits are those of a two-sided interval with twice the error', () => {
    const [low, high] = clopperPearson(7, 90, 0.9);
    expect(oneSidedLower(7, 90, 0.95)).toBeCloseTo(low, 12);
    expect(oneSidedUpper(7, 90, 0.95)).toBeCloseTo(high, 12);
  });

  test('149 trials without an event are what a claim of 2% at 95% takes (rule of three)', () => {
    expect(oneSidedUpper(0, 149, 0.95)).toBeLessThan(0.02);
    expect(oneSidedUpper(0, 148, 0.95)).toBeGreaterThan(0.02);
  });

  test('nothing is known of no trials', () => {
    expect(clopperPearson(0, 0, 0.95)).toEqual([0, 1]);
  });

  test.each([
    [3, 2, 0.95],
    [-1, 2, 0.95],
    [1.5, 2, 0.95],
    [0, -1, 0.95],
    [0, Number.NaN, 0.95],
    [1, 2, 0],
    [1, 2, 1],
  ])('%p events in %p trials at %p are refused', (events, trials, confidence) => {
    expect(() => clopperPearson(events, trials, confidence)).toThrow(RangeError);
  });
});
