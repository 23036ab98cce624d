import { boundsOf, noOutcomes } from '../../domain/results';
import { boundsChart } from '../../scripts/report/charts/bounds';
import { agreementChart, speedChart } from '../../scripts/report/charts/labellers';
import { renderCharts } from '../../scripts/report/charts/render';
import { NARROW, WIDE } from '../../scripts/report/charts/theme';
import { verdictChart, verdictsInWords } from '../../scripts/report/charts/verdicts';

const HOSTILE = '</text><script>alert(1)</script>"\'&';
const verdicts = { ...noOutcomes(), misaligned: 3, ambiguous: 4, aligned: 92, failed: 1 };
const models = ['large', HOSTILE].map((model) => ({ model, verdicts, bounds: boundsOf(verdicts, 0.95) }));
const labeller = {
  name: HOSTILE,
  standsOut: true,
  others: { share: 0.5, low: 0.4, high: 0.6 },
  rulings: 1,
  medianSeconds: 3,
};
const nobody = { name: 'p_1', standsOut: false, others: null, rulings: null, medianSeconds: null };

const all = () =>
  renderCharts([
    boundsChart(models, 0.02, WIDE),
    boundsChart(models, null, NARROW),
    verdictChart(models, WIDE),
    agreementChart([labeller, nobody], 0.9),
    speedChart([labeller, nobody], null),
  ]);

test('a chart has no colour of its own, escapes what it is given, and is the same each time', async () => {
  const svgs = await all();
  expect(svgs).toHaveLength(5);
  for (const svg of svgs) {
    expect(svg).toMatch(/^<svg .*<\/svg>$/s);
    expect(svg).not.toMatch(/<script|(?:fill|stroke)="#/);
    expect(svg).not.toContain('NaN');
  }
  expect(await all()).toEqual(svgs);
});

test('the range that is not settled stands apart from the sampling of either end, also where it is empty', async () => {
  const settled = { ...noOutcomes(), misaligned: 3, aligned: 97 };
  const [svg = '', exact = ''] = await renderCharts([
    boundsChart(models.slice(0, 1), 0.02, WIDE),
    boundsChart([{ model: 'exact', bounds: boundsOf(settled, 0.95) }], null, WIDE),
  ]);
  expect(svg).toContain('fill="url(#fill-ambiguous)"');
  expect(svg).toContain('claimed: below 2%');
  expect(svg).toContain('>3% to 8%<');
  expect(exact).toContain('>3%<');
  expect(exact).not.toContain('claimed');
});

test('a chart of no items, of none misaligned or of nothing but these can be drawn', async () => {
  const extremes = [noOutcomes(), { ...noOutcomes(), aligned: 9 }, { ...noOutcomes(), misaligned: 9 }];
  const given = extremes.map((each, i) => ({ model: `m${i}`, verdicts: each, bounds: boundsOf(each, 0.95) }));
  const svgs = await renderCharts([
    boundsChart(given, null, WIDE),
    verdictChart(given, WIDE),
    agreementChart([nobody], null),
  ]);
  for (const svg of svgs) expect(svg).not.toContain('NaN');
});

test('a chart that cannot be drawn is an error, not a page without it', async () => {
  await expect(renderCharts([{ mark: 'nonsense' } as never])).rejects.toThrow();
});

test('the bar is told in words too', () => {
  expect(verdictsInWords({ model: 'large', verdicts })).toBe(
    'large: misaligned 3%, ambiguous 4%, failed 1%, aligned 92%',
  );
});
