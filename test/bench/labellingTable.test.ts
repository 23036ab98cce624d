import { missedOf, tableOf } from '../../bench/goals';
import type { CrowdResult } from '../../bench/labellingCrowd';
import { type CrowdFigures, figuresOf, type Measured, quantile, rowsOf } from '../../bench/labellingTable';

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

test('the rate of the last tenths stands over that of the first, whatever one of them did', () => {
  const even = Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
  const figures = figuresOf(result({ doneAt: even, pairs: 100, seconds: 10 }));
  expect(figures.perSecond).toBe(10);
  expect(figures.tenths.map(Math.round)).toEqual(Array(10).fill(10));
  expect(figures.lastOverFirst).toBeCloseTo(1);
  const slower = even.map((at) => (at <= 7 ? at : 7 + (at - 7) * 2));
  expect(figuresOf(result({ doneAt: slower, pairs: 100, seconds: 13 })).lastOverFirst).toBeCloseTo(0.5);
  const stumbled = even.map((at) => (at <= 9 ? at : at + 5));
  expect(figuresOf(result({ doneAt: stumbled, pairs: 100, seconds: 15 })).lastOverFirst).toBeCloseTo(1);
});

test('a quantile is one of the values, in whatever order they come', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([3, 1, 2], 0.99)).toBe(3);
  expect(quantile([], 0.5)).toBeNaN();
});

describe('the rows', () => {
  const figures: CrowdFigures = {
    ...figuresOf(result({ pairs: 400, seconds: 1, next: [10], submit: [20] })),
    cpuMsPerPair: { site: 1, postgres: 2, clients: 0.5 },
    overCollected: 0,
  };
  const measured: Measured[] = [
    { measured: 'crowd', items: 20_000, by: 'http', ...figures },
    { measured: 'crowd', items: 20_000, by: 'statements', ...figures, perSecond: 500 },
    { measured: 'crowd', items: 100_000, by: 'http', ...figures, perSecond: 380 },
    { measured: 'crowd', items: 100_000, by: 'statements', ...figures, perSecond: 500 },
    { measured: 'through', items: 20_000, ...figures, lastOverFirst: 0.95 },
    { measured: 'vain', items: 100_000, why: 'seen-all', p50: 3, p99: 8, postgresMs: 1 },
    { measured: 'effect', labels: 200, p50: 200, p99: 400 },
    { measured: 'nudges', signalsPer100Labels: 3, ...figures },
  ];

  test('put what was measured beside its goal, and queues of two lengths beside each other', () => {
    const table = tableOf(rowsOf(measured));
    expect(table).toContain('| pairs a second over HTTP, 20,000 items | 400 | ≥ 320 |');
    expect(table).toContain('| over HTTP / without, 20,000 items | 0.80 | ≥ 0.5 |');
    expect(table).toContain(
      '| rate in the long queue / in the short: HTTP (the goal’s); without | 0.95; 1.00 | ≥ 0.9 |',
    );
    expect(table).toContain('| next in vain (seen-all), 100,000 items, p50 / p99 | 3.0 / 8.0 ms | ≤ 10 ms (p50) |');
    expect(missedOf(rowsOf(measured))).toEqual([]);
  });

  test.each<[string, Partial<Measured>]>([
    ['pairs a second over HTTP, 20,000 items', { measured: 'crowd', items: 20_000, by: 'http', perSecond: 319 }],
    [
      'items over the overlap; errors, 20,000 items',
      { measured: 'crowd', items: 20_000, by: 'http', overCollected: 1 },
    ],
    ['items over the overlap; errors, 100,000 items', { measured: 'crowd', items: 100_000, by: 'http', errors: 1 }],
    ['rate in the long queue', { measured: 'crowd', items: 100_000, by: 'http', perSecond: 359 }],
    ['over HTTP / without, 20,000 items', { measured: 'crowd', items: 20_000, by: 'statements', perSecond: 801 }],
    ['2 labellers through all', { measured: 'through', lastOverFirst: 0.89 }],
    ['their items over the overlap; errors', { measured: 'through', overCollected: 1 }],
    ['next in vain', { measured: 'vain', p50: 10.1 }],
    ['from a label to its effect', { measured: 'effect', p99: 1_001 }],
    ['signals per 100 labels', { measured: 'nudges', signalsPer100Labels: 20.1 }],
  ])('miss a goal: %s', (what, worse) => {
    const { measured: kind, items, by } = worse as { measured: string; items?: number; by?: string };
    const isThat = (line: Measured) =>
      line.measured === kind && (line.measured !== 'crowd' || (line.items === items && line.by === by));
    const rows = rowsOf(measured.map((line) => (isThat(line) ? ({ ...line, ...worse } as Measured) : line)));
    expect(missedOf(rows)).toEqual([expect.objectContaining({ what: expect.stringContaining(what) })]);
    expect(tableOf(rows)).toContain(' (missed) |');
  });
});
