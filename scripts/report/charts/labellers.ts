/** Each labeller as a dot: how far the others agree with them, and how long they took. */
import { ACCENT, ALL_ROWS, type ChartSpec, INK, MUTED, NARROW, PERCENT_AXIS, ROWS, shortened, sized } from './theme';

export interface ChartedLabeller {
  /** Safe to show. */
  name: string;
  standsOut: boolean;
  /** Agreement with the others' labels and its interval, with researchers' rulings: shares, 0 to 1; null: nothing to compare. */
  others: { share: number; low: number; high: number } | null;
  rulings: number | null;
  medianSeconds: number | null;
}

const STEP = 22;
const NAMED = 17;
const PADDING = { left: 116, right: 18, top: 20, bottom: 26 };

type Layer = Extract<ChartSpec, { layer: unknown }>['layer'][number];

/** @param usual the median labeller's, 0 to 1. */
export function agreementChart(labellers: readonly ChartedLabeller[], usual: number | null): ChartSpec {
  const x = {
    type: 'quantitative' as const,
    scale: { domain: [0, 1], nice: false },
    axis: { ...PERCENT_AXIS, values: [0, 0.25, 0.5, 0.75, 1], labelFlush: false },
  };
  const interval: Layer = {
    transform: [{ filter: 'isValid(datum.share)' }],
    mark: { type: 'rule', color: MUTED, strokeWidth: 1 },
    encoding: { x: { field: 'low', ...x }, x2: { field: 'high' } },
  };
  const shown = ({ others, rulings }: ChartedLabeller) => ({ ...others, rulings });
  return chartOf(labellers, shown, usual, [interval, dots('share', 'circle', true), dots('rulings', 'diamond', false)]);
}

/** @param usual the median labeller's, in seconds. */
export function speedChart(labellers: readonly ChartedLabeller[], usual: number | null): ChartSpec {
  const fromZero: Layer = {
    mark: { type: 'rule', color: MUTED, strokeWidth: 1 },
    encoding: {
      x: { field: 'medianSeconds', type: 'quantitative', scale: { zero: true }, axis: { grid: true, tickCount: 4 } },
      x2: { datum: 0 },
    },
  };
  const shown = ({ medianSeconds }: ChartedLabeller) => ({ medianSeconds });
  return chartOf(labellers, shown, usual, [fromZero, dots('medianSeconds', 'circle', true)]);
}

/** A row for each, named, with the usual as a line through all; `shown`: the values that the marks are of. */
function chartOf(
  labellers: readonly ChartedLabeller[],
  shown: (labeller: ChartedLabeller) => { [field: string]: number | null },
  usual: number | null,
  marks: Layer[],
): ChartSpec {
  const rows = labellers.map((labeller, row) => {
    const { name, standsOut } = labeller;
    return { row, name: shortened(name, NAMED), standsOut, ...shown(labeller) };
  });
  return {
    ...sized(NARROW, { count: rows.length, step: STEP }, PADDING),
    data: { values: rows },
    encoding: { y: ROWS },
    layer: [...(usual === null ? [] : usualMarks(usual)), ...marks, ...names()],
  };
}

function dots(field: string, shape: 'circle' | 'diamond', filled: boolean): Layer {
  return {
    transform: [{ filter: `isValid(datum.${field})` }],
    mark: { type: 'point', shape, filled, size: 62, opacity: 1, strokeWidth: 1.5 },
    encoding: {
      x: { field, type: 'quantitative' },
      color: { condition: { test: 'datum.standsOut', value: ACCENT }, value: INK },
    },
  };
}

/** Beside the rows; who stands out is marked at the other end too. */
function names(): Layer[] {
  return [
    {
      mark: { type: 'text', align: 'right', dx: -10, fontSize: 12 },
      encoding: {
        x: { value: 0 },
        text: { field: 'name' },
        color: { condition: { test: 'datum.standsOut', value: ACCENT }, value: INK },
      },
    },
    {
      transform: [{ filter: 'datum.standsOut' }],
      mark: { type: 'text', align: 'left', dx: 5, fontSize: 12, color: ACCENT, text: '◀' },
      encoding: { x: { value: NARROW - PADDING.left - PADDING.right } },
    },
  ];
}

function usualMarks(usual: number): Layer[] {
  const data = { values: [{ usual }] };
  const x = { field: 'usual', type: 'quantitative' as const };
  return [
    { data, mark: { type: 'rule', strokeDash: [4, 3], color: MUTED }, encoding: { x, ...ALL_ROWS } },
    {
      data,
      mark: { type: 'text', fontSize: 11.5, color: MUTED, text: 'usual' },
      encoding: { x, y: { value: -9 } },
    },
  ];
}
