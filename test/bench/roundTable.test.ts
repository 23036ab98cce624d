import { conclude, median, missedOf, tableOf } from '../../bench/goals';
import { type RoundFigures, rowsOf } from '../../bench/roundTable';

const run = (given: Partial<RoundFigures>): RoundFigures => ({
  prompts: 5_000,
  run: 1,
  loopSeconds: 5,
  roundSeconds: 5.5,
  eventsPerItem: 0.19,
  loopCpuMs: { worker: 0.6, postgres: 0.2, temporal: 0.01, endpoint: 0.3 },
  cpuMs: { worker: 1, postgres: 0.9, temporal: 0.5, endpoint: 0.3 },
  ...given,
});

afterEach(() => {
  process.exitCode = undefined;
});

test('the medians of a size stand beside their goals', () => {
  const rows = rowsOf([run({}), run({ run: 2, roundSeconds: 50 }), run({ run: 3, roundSeconds: 5 })]);
  const table = tableOf(rows);
  expect(table).toContain('| round until its items are open, 5,000 prompts | 5.5 s, 909 calls/s |');
  expect(table).toContain('| round : loop, 5,000 prompts | 1.10 | ≤ 1.25 |');
  expect(table).toContain('| calls a second of the round, 5,000 prompts | 909 | ≥ 852 | promptfoo 284 |');
  expect(table).toContain('| history events per item, 5,000 prompts | 0.19 | ≤ 1 |');
  expect(table).toContain('| 1.00, 0.90, 0.50, 0.30 ms |');
  expect(missedOf(rows)).toEqual([]);
});

test.each<[string, Partial<RoundFigures>]>([
  ['round : loop', { roundSeconds: 5.7, loopSeconds: 4.5 }],
  ['calls a second of the round', { roundSeconds: 5.9 }],
  ['history events per item', { eventsPerItem: 1.01 }],
])('a goal is missed: %s', (what, worse) => {
  const rows = rowsOf([run(worse)]);
  expect(missedOf(rows)).toEqual([expect.objectContaining({ what: `${what}, 5,000 prompts` })]);
});

test('a bench that misses a goal fails and says which; one that measured nothing misses it too', () => {
  const written: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    const held = { what: 'memory', shown: '500 MB', goals: [{ figure: 500, most: 600 }], unit: 'MB' };
    conclude([held], undefined);
    expect(process.exitCode).toBeUndefined();
    conclude([held, { what: 'rate', shown: '?', goals: [{ figure: Number.NaN, least: 0.9 }] }], true);
    expect(process.exitCode).toBe(1);
  } finally {
    write.mockRestore();
  }
  expect(written[0]).toContain('| memory | 500 MB | ≤ 600 MB |');
  expect(JSON.parse(written[1] ?? '')).toEqual({
    measured: 'goals',
    missed: [{ what: 'rate', figure: null, goal: '≥ 0.9' }],
  });
});

test('a median is the middle value, or the mean of the two', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
});
