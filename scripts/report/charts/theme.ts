/**
 * What all charts share. Colours are the page's own CSS variables, so that a chart follows it into the dark and on to paper: a
 * page that shows charts defines `--ink`, `--muted`, `--line`, `--accent`, `--soft`, `--paper` and the patterns of `FILLS`.
 */
import type { TopLevelSpec } from 'vega-lite';

export type ChartSpec = TopLevelSpec;

export const INK = 'var(--ink)';
export const MUTED = 'var(--muted)';
export const ACCENT = 'var(--accent)';
/** Stripes: what the manual does not settle, in every chart. */
export const UNSETTLED = 'url(#fill-ambiguous)';
const LINE = 'var(--line)';

/** px of the whole drawing: beside the text, and on a telephone. */
export const WIDE = 680;
export const NARROW = 340;

/** A name that fits. @param room how many characters there is room for. */
export function shortened(text: string, room: number): string {
  const characters = [...text];
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join('')}…`;
}

/** The size of everything is given, so that nothing depends on how wide a machine believes a text to be. */
export function sized(
  width: number,
  rows: { count: number; step: number },
  padding: { left: number; right: number; top: number; bottom: number },
) {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: width - padding.left - padding.right,
    height: Math.max(1, rows.count) * rows.step,
    padding,
    autosize: { type: 'none' as const, contains: 'content' as const },
    config: {
      background: 'transparent',
      font: 'inherit',
      view: { stroke: null },
      axis: {
        domain: false,
        ticks: false,
        gridColor: LINE,
        labelColor: MUTED,
        labelFontSize: 12,
        labelPadding: 6,
        labelLimit: 0,
        labelOverlap: false,
        title: null,
      },
      text: { fontSize: 12.5, color: INK },
    },
  };
}

/** Rows from top to bottom in the order given, without an axis of their own. */
export const ROWS = { field: 'row', type: 'ordinal', axis: null, scale: { paddingInner: 0, paddingOuter: 0 } } as const;

/** For a line through all rows. */
export const ALL_ROWS = { y: { value: 0 }, y2: { value: 'height' } } as const;

export const PERCENT_AXIS = { format: '~%', tickCount: 5, grid: true } as const;
