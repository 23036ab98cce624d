/** The bounds of each model: what the manual cannot settle as a thick bar, apart from it the sampling of either end. */
import type { ModelResult } from '../../../domain/results';
import { percent } from '../numbers';
import {
  ACCENT,
  ALL_ROWS,
  type ChartSpec,
  INK,
  MUTED,
  PERCENT_AXIS,
  ROWS,
  shortened,
  sized,
  UNSETTLED,
  WIDE,
} from './theme';

const STEP = 78;
const BAR = 13;
/** px from the middle of the bar to that of the intervals: the lower end's above it, the upper end's below. */
const APART = 14;
const NAME = 34;
const CAP = 8;
const PADDING = { left: 2, right: 4, top: 22, bottom: 28 };

/** @param models those with items, each name safe to show. @param claim the share that the guarantee is about. */
export function boundsChart(
  models: readonly Pick<ModelResult, 'model' | 'bounds'>[],
  claim: number | null,
  width: number,
): ChartSpec {
  const largest = Math.max(claim ?? 0, ...models.map(({ bounds }) => bounds.upper.high), 0.01);
  const inner = width - PADDING.left - PADDING.right;
  const x = { scale: { domain: [0, Math.min(1, largest * 1.02)], nice: largest < 0.95 }, axis: PERCENT_AXIS };
  const ends = (['lower', 'upper'] as const).flatMap((end) =>
    interval(`${end}Low`, `${end}High`, end === 'lower' ? -APART : APART),
  );
  return {
    ...sized(width, { count: models.length, step: STEP }, PADDING),
    data: { values: models.map(rowOf(width)) },
    encoding: { y: ROWS },
    layer: [
      {
        mark: { type: 'bar', height: BAR, fill: UNSETTLED, stroke: ACCENT, strokeWidth: 1 },
        encoding: { x: { field: 'lower', type: 'quantitative', ...x }, x2: { field: 'upper' } },
      },
      ...(['lower', 'upper'] as const).map((field) => tick(field, BAR, 0, 2.5)),
      ...ends,
      text('name', { value: 0 }, 'left', -NAME, 'bold'),
      text('said', { value: inner }, 'right', -NAME, 'normal'),
      ...(claim === null ? [] : claimMarks(claim, largest)),
    ],
  };
}

function rowOf(width: number) {
  return ({ model, bounds: { lower, upper } }: Pick<ModelResult, 'model' | 'bounds'>, row: number) => ({
    row,
    name: shortened(model, width < WIDE ? 24 : 60),
    said:
      lower.estimate === upper.estimate
        ? percent(lower.estimate)
        : `${percent(lower.estimate)} to ${percent(upper.estimate)}`,
    lower: lower.estimate,
    upper: upper.estimate,
    lowerLow: lower.low,
    lowerHigh: lower.high,
    upperLow: upper.low,
    upperHigh: upper.high,
  });
}

type Layer = Extract<ChartSpec, { layer: unknown }>['layer'][number];

/** A thin line with caps. */
function interval(from: string, to: string, yOffset: number): Layer[] {
  return [
    {
      mark: { type: 'rule', yOffset, color: INK, strokeWidth: 1.25 },
      encoding: { x: { field: from, type: 'quantitative' }, x2: { field: to } },
    },
    tick(from, CAP, yOffset, 1.25),
    tick(to, CAP, yOffset, 1.25),
  ];
}

function tick(field: string, size: number, yOffset: number, thickness: number): Layer {
  return {
    mark: { type: 'tick', orient: 'vertical', size, thickness, yOffset, color: INK, opacity: 1 },
    encoding: { x: { field, type: 'quantitative' } },
  };
}

function text(field: string, x: { value: number }, align: 'left' | 'right', dy: number, weight: 'bold' | 'normal') {
  return {
    mark: { type: 'text' as const, align, dy, fontWeight: weight, baseline: 'middle' as const },
    encoding: { x, text: { field } },
  };
}

/** A dashed line through all rows, with its words above them. */
function claimMarks(claim: number, largest: number): Layer[] {
  const data = { values: [{ claim, said: `claimed: below ${percent(claim)}` }] };
  const x = { field: 'claim', type: 'quantitative' as const };
  const right = claim > 0.55 * largest;
  return [
    {
      data,
      mark: { type: 'rule', strokeDash: [5, 3], strokeWidth: 1.25, color: MUTED },
      encoding: { x, ...ALL_ROWS },
    },
    {
      data,
      mark: { type: 'text', align: right ? 'right' : 'left', dx: right ? -5 : 5, fontSize: 12, color: MUTED },
      encoding: { x, y: { value: -11 }, text: { field: 'said' } },
    },
  ];
}
