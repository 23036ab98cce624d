/** What the labelling bench measured, beside its goals and beside what others were measured at. */
import { median, type Row } from './goals';
import type { CrowdResult } from './labellingCrowd';
import type { EffectFigures } from './labellingEffect';
import type { VainFigures } from './labellingVain';

export interface CrowdFigures {
  pairs: number;
  perSecond: number;
  errors: number;
  errorsSeen: string[];
  /** Milliseconds. */
  next: Quantiles;
  submit: Quantiles;
  /** Pairs per second in each tenth of them, the first done first. */
  tenths: number[];
  /** The median of the last three tenths over that of the first three: one by itself is at the mercy of what else a machine does. */
  lastOverFirst: number;
  cpuMsPerPair: { site: number; postgres: number; clients: number };
  /** Items with more labels than the overlap allows. */
  overCollected: number;
}
interface Quantiles {
  p50: number;
  p95: number;
  p99: number;
}

/** A line of `--json`. */
export type Measured =
  | ({ measured: 'crowd'; items: number; by: 'http' | 'statements' } & CrowdFigures)
  | ({ measured: 'through'; items: number } & CrowdFigures)
  | ({ measured: 'vain'; items: number; why: string } & VainFigures)
  | ({ measured: 'effect' } & EffectFigures)
  | ({ measured: 'nudges'; signalsPer100Labels: number } & CrowdFigures);

/** Of the nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function figuresOf(result: CrowdResult): Omit<CrowdFigures, 'cpuMsPerPair' | 'overCollected'> {
  const tenths = tenthsOf(result.doneAt);
  return {
    pairs: result.pairs,
    perSecond: result.pairs / result.seconds,
    errors: result.errors,
    errorsSeen: result.errorsSeen,
    next: quantiles(result.next),
    submit: quantiles(result.submit),
    tenths,
    lastOverFirst: median(tenths.slice(-3)) / median(tenths.slice(0, 3)),
  };
}

const quantiles = (values: readonly number[]): Quantiles => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
});

/** @param doneAt seconds at which each was done, in any order. */
function tenthsOf(doneAt: readonly number[]): number[] {
  const at = [...doneAt].sort((a, b) => a - b);
  const tenth = Math.floor(at.length / 10);
  return Array.from({ length: 10 }, (_, i) => tenth / ((at[(i + 1) * tenth - 1] ?? 0) - (at[i * tenth - 1] ?? 0)));
}

/** Measured by others' own means on two cores: docs/benchmarks.md. */
const PEERS = 'Potato 2.12.1: 32/s; Label Studio 1.23.2: 9.8/s on PostgreSQL, 2.4/s on SQLite';
const POTATO = 32;

/** Beside the goals. */
export function rowsOf(lines: readonly Measured[]): Row[] {
  return [...crowdRows(lines), ...lines.flatMap(otherRows)];
}

function crowdRows(lines: readonly Measured[]): Row[] {
  const crowds = lines.filter((line) => line.measured === 'crowd');
  const sizes = [...new Set(crowds.map(({ items }) => items))].sort((a, b) => a - b);
  const rate = (items: number, by: 'http' | 'statements') =>
    mean(crowds.filter((line) => line.items === items && line.by === by).map(({ perSecond }) => perSecond));
  const rows = sizes.flatMap((items): Row[] => {
    const of = crowds.filter((line) => line.items === items && line.by === 'http');
    const at = `${items.toLocaleString('en')} items`;
    const http = rate(items, 'http');
    const share = http / rate(items, 'statements');
    const [over, errors] = [sum(of, 'overCollected'), sum(of, 'errors')];
    return [
      {
        what: `pairs a second over HTTP, ${at}`,
        shown: http.toFixed(0),
        goals: [{ figure: http, least: 10 * POTATO }],
        beside: PEERS,
      },
      { what: `the same statements without HTTP, ${at}`, shown: rate(items, 'statements').toFixed(0) },
      { what: `over HTTP / without, ${at}`, shown: share.toFixed(2), goals: [{ figure: share, least: 0.5 }] },
      {
        what: `next, p50 / p95 / p99, ${at}`,
        shown: milliseconds(of.map(({ next }) => next)),
        beside: 'Potato 0.9 s, Label Studio 2.3 s (median)',
      },
      {
        what: `submit, p50 / p95 / p99, ${at}`,
        shown: milliseconds(of.map(({ submit }) => submit)),
        beside: 'Label Studio 2.5 s (median)',
      },
      {
        what: `items over the overlap; errors, ${at}`,
        shown: `${over}; ${errors}`,
        goals: [over, errors].map((figure) => ({ figure, most: 0 })),
        beside: 'Potato: 3 items of 1,000; 4–9% of next',
      },
      { what: `CPU of a pair: site, Postgres, clients, ${at}`, shown: cpu(of) },
    ];
  });
  const [short, long] = [sizes.at(0), sizes.at(-1)];
  if (short === undefined || long === undefined || short === long) return rows;
  const flat = (by: 'http' | 'statements') => rate(long, by) / rate(short, by);
  const what = 'rate in the long queue / in the short: HTTP (the goal’s); without';
  const shown = `${flat('http').toFixed(2)}; ${flat('statements').toFixed(2)}`;
  return [...rows, { what, shown, goals: [{ figure: flat('http'), least: 0.9 }] }];
}

function otherRows(line: Measured): Row[] {
  switch (line.measured) {
    case 'crowd':
      return [];
    case 'through': {
      const { items, lastOverFirst, perSecond, overCollected, errors } = line;
      return [
        {
          what: `2 labellers through all of ${items.toLocaleString('en')} items: last three tenths / first three`,
          shown: `${lastOverFirst.toFixed(2)} (${perSecond.toFixed(0)} pairs a second)`,
          goals: [{ figure: lastOverFirst, least: 0.9 }],
        },
        {
          what: 'their items over the overlap; errors',
          shown: `${overCollected}; ${errors}`,
          goals: [overCollected, errors].map((figure) => ({ figure, most: 0 })),
        },
      ];
    }
    case 'vain':
      return [
        {
          what: `next in vain (${line.why}), ${line.items.toLocaleString('en')} items, p50 / p99`,
          shown: `${line.p50.toFixed(1)} / ${line.p99.toFixed(1)} ms`,
          goals: [{ figure: line.p50, most: 10 }],
          unit: 'ms (p50)',
        },
      ];
    case 'effect':
      return [
        {
          what: 'from a label to its effect when idle, p50 / p99',
          shown: `${line.p50.toFixed(0)} / ${line.p99.toFixed(0)} ms`,
          goals: [{ figure: line.p99, most: 1_000 }],
          unit: 'ms (p99)',
        },
      ];
    case 'nudges':
      return [
        {
          what: 'signals per 100 labels, with the worker beside',
          shown: `${line.signalsPer100Labels.toFixed(1)} (at ${line.perSecond.toFixed(0)} pairs a second)`,
          goals: [{ figure: line.signalsPer100Labels, most: 20 }],
        },
      ];
  }
}

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
const sum = (of: readonly CrowdFigures[], what: 'overCollected' | 'errors') =>
  of.reduce((total, one) => total + one[what], 0);

function milliseconds(of: readonly Quantiles[]): string {
  const at = (which: keyof Quantiles) => mean(of.map((one) => one[which])).toFixed(0);
  return `${at('p50')} / ${at('p95')} / ${at('p99')} ms`;
}

function cpu(of: readonly CrowdFigures[]): string {
  const part = (which: keyof CrowdFigures['cpuMsPerPair']) => mean(of.map((one) => one.cpuMsPerPair[which])).toFixed(2);
  return `${part('site')}, ${part('postgres')}, ${part('clients')} ms`;
}
