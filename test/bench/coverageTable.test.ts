import { describe as describeTable, newTally, ownCoverage, type RoundOutcome, tally } from '../../bench/coverageTable';

const around = (estimate: number, half: number) => ({ estimate, low: estimate - half, high: estimate + half });

function round(lower: number, upper: number, rate: number): RoundOutcome {
  const bounds = { lower: around(lower, 0.02), upper: around(upper, 0.03) };
  return {
    outcome: { roundId: 'r-1', models: [{ model: 'small', bounds, truth: { rate, ofThese: rate } }] },
    shown: {
      items: { total: 200, settled: 200, unresolved: 0 },
      rulings: { items: 10 },
      labels: { total: 610 },
    },
  };
}

test('the coverage table counts what intervals hold, and gives each count its own interval', () => {
  const counted = newTally();
  for (const one of [round(0.04, 0.1, 0.05), round(0.05, 0.12, 0.05), round(0.09, 0.2, 0.05)]) tally(counted, one);
  expect(counted).toMatchObject({
    rounds: 3,
    pairs: 3,
    inside: 2,
    sampleInside: 2,
    items: 600,
    ruled: 30,
    labels: 1830,
  });
  // Means 0.06 and 0.14: the ends' own intervals hold them twice of three, and once.
  expect(ownCoverage(counted)).toEqual({ held: 3, of: 6 });
  expect(describeTable([{ spammers: 2, ...counted }])).toContain(
    '| 2 of 12 | 3 | 3/6, 50.0% (11.8%–88.2%) | 2/3, 66.7% (9.4%–99.2%) | 2/3, 66.7% (9.4%–99.2%) | 8.0% | 5.0% | 3.05 |',
  );
});
