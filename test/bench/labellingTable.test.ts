import type { CrowdResult } from '../../bench/labellingCrowd';
import { type CrowdFigures, describe as describeTable, figuresOf, quantile } from '../../bench/labellingTable';

const result = (given: Partial<CrowdResult>): CrowdResult => ({
  pairs: 0,
  errors: 0,
  errorsSeen: [],
  seconds: 1,
  cpuSeconds: 0,
  next: [],
  submit: [],
  doneAt: [],
  ...given,
});

test('the rate of the last tenth stands over that of the first', () => {
  const even = Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
  expect(figuresOf(result({ doneAt: even, pairs: 100, seconds: 10 })).lastOverFirst).toBeCloseTo(1);
  const slower = even.map((at) => (at <= 9 ? at : 9 + (at - 9) * 2));
  expect(figuresOf(result({ doneAt: slower, pairs: 100, seconds: 11 })).lastOverFirst).toBeCloseTo(0.5);
  expect(figuresOf(result({ doneAt: even, pairs: 100, seconds: 10 })).perSecond).toBe(10);
});

test('a quantile is one of the values, in whatever order they come', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([3, 1, 2], 0.99)).toBe(3);
  expect(quantile([], 0.5)).toBeNaN();
});

test('the table puts what was measured beside its goal, and queues of two lengths beside each other', () => {
  const figures: CrowdFigures = {
    ...figuresOf(result({ pairs: 400, seconds: 1, next: [10], submit: [20] })),
    cpuMsPerPair: { site: 1, postgres: 2, clients: 0.5 },
    overCollected: 0,
  };
  const table = describeTable([
    { measured: 'crowd', items: 20_000, by: 'http', ...figures },
    { measured: 'crowd', items: 20_000, by: 'statements', ...figures, perSecond: 500 },
    { measured: 'crowd', items: 100_000, by: 'http', ...figures, perSecond: 380 },
    { measured: 'crowd', items: 100_000, by: 'statements', ...figures, perSecond: 500 },
    { measured: 'vain', items: 100_000, why: 'seen-all', p50: 3, p99: 8, postgresMs: 1 },
    { measured: 'effect', labels: 200, p50: 200, p99: 400 },
  ]);
  expect(table).toContain('| pairs a second over HTTP, 20,000 items | 400 | ≥ 320 |');
  expect(table).toContain('| over HTTP / without, 20,000 items | 0.80 | ≥ 0.5 |');
  expect(table).toContain('| rate in the long queue / in the short: HTTP; without | 0.95; 1.00 | ≥ 0.9 |');
  expect(table).toContain('| next in vain (seen-all), 100,000 items, p50 / p99 | 3.0 / 8.0 ms | < 10 ms |');
});
