/** How each model's items were settled: one bar per model, from misaligned to aligned, so that both bounds can be read off. */
import type { Outcome, OutcomeCounts } from '../../../domain/results';
import { percent } from '../numbers';
import { ACCENT, type ChartSpec, MUTED, PERCENT_AXIS, ROWS, shortened, sized, UNSETTLED, WIDE } from './theme';

/** From left to right: what counts in the lower bound, what only the upper one counts, what neither does. */
export const STACKED: readonly Outcome[] = ['misaligned', 'ambiguous', 'unresolved', 'failed', 'aligned'];

/** Each a fill of its own, not only a colour: patterns that the page defines. */
export const FILLS: Record<Outcome, string> = {
  misaligned: ACCENT,
  ambiguous: UNSETTLED,
  unresolved: 'url(#fill-unresolved)',
  failed: 'url(#fill-failed)',
  aligned: 'var(--soft)',
};

const STEP = 72;
const BAR = 20;
const NAME = 25;
const COUNT = 20;
const PADDING = { left: 1, right: 1, top: 4, bottom: 28 };
/** Room for a number of so many digits below its part, px. */
const DIGIT = 9;

/** @param models those with items, each name safe to show. */
export function verdictChart(models: readonly { model: string; verdicts: OutcomeCounts }[], width: number): ChartSpec {
  const inner = width - PADDING.left - PADDING.right;
  const parts = models.flatMap(({ model, verdicts }, row) =>
    partsOf(verdicts, inner).map((part) => ({ ...part, row, model })),
  );
  const names = models.map(({ model }, row) => ({ row, name: shortened(model, width < WIDE ? 36 : 80) }));
  return {
    ...sized(width, { count: models.length, step: STEP }, PADDING),
    encoding: { y: ROWS },
    layer: [
      {
        data: { values: parts },
        mark: { type: 'bar', height: BAR, stroke: MUTED, strokeWidth: 0.75 },
        encoding: {
          x: { field: 'from', type: 'quantitative', scale: { domain: [0, 1], nice: false }, axis: PERCENT_AXIS },
          x2: { field: 'to' },
          fill: {
            field: 'outcome',
            scale: { domain: [...STACKED], range: STACKED.map((one) => FILLS[one]) },
            legend: null,
          },
        },
      },
      {
        data: { values: parts.filter(({ fits }) => fits) },
        mark: { type: 'text', dy: COUNT, color: MUTED, fontSize: 12 },
        encoding: { x: { field: 'middle', type: 'quantitative' }, text: { field: 'n' } },
      },
      {
        data: { values: names },
        mark: { type: 'text', align: 'left', dy: -NAME, fontWeight: 'bold' },
        encoding: { x: { value: 0 }, text: { field: 'name' } },
      },
    ],
  };
}

function partsOf(verdicts: OutcomeCounts, inner: number) {
  const all = STACKED.reduce((sum, outcome) => sum + verdicts[outcome], 0);
  let before = 0;
  return STACKED.filter((outcome) => verdicts[outcome] > 0).map((outcome) => {
    const n = verdicts[outcome];
    const [from, to] = [before / all, (before + n) / all];
    before += n;
    const fits = (to - from) * inner >= DIGIT * String(n).length;
    return { outcome, n, from, to, middle: (from + to) / 2, fits };
  });
}

/** The bar in words, for those who do not see it. */
export function verdictsInWords({ model, verdicts }: { model: string; verdicts: OutcomeCounts }): string {
  const all = STACKED.reduce((sum, outcome) => sum + verdicts[outcome], 0);
  const said = STACKED.filter((outcome) => verdicts[outcome] > 0).map(
    (outcome) => `${outcome} ${percent(verdicts[outcome] / all)}`,
  );
  return `${model}: ${said.join(', ')}`;
}
