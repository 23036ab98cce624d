/** What the coverage bench counts, and how it shows it. */
import { z } from 'zod';

const estimate = z.object({ estimate: z.number(), low: z.number(), high: z.number() });
/** Of one round: what the demo and `round show` say in JSON, as far as it is counted here. */
export const roundOutcome = z.object({
  outcome: z.object({
    roundId: z.string(),
    models: z.array(
      z.object({
        model: z.string(),
        bounds: z.object({ lower: estimate, upper: estimate }),
        truth: z.object({ rate: z.number(), ofThese: z.number() }),
      }),
    ),
  }),
  shown: z.object({
    items: z.object({ total: z.number(), settled: z.number(), unresolved: z.number() }),
    rulings: z.object({ items: z.number() }),
    labels: z.object({ total: z.number() }),
  }),
});
export type RoundOutcome = z.infer<typeof roundOutcome>;

export interface Tally {
  rounds: number;
  /** Model and round pairs looked at. */
  pairs: number;
  /** Pairs whose intervals hold the model's true rate between them. */
  inside: number;
  /** Pairs whose true rate is not below the lower bound's interval, and not above the upper bound's. */
  lowerHolds: number;
  upperHolds: number;
  /** Pairs where the bounds themselves, without intervals, hold the share that is true of these very answers. */
  sampleInside: number;
  /** Sums of upper minus lower bound. */
  gap: number;
  items: number;
  ruled: number;
  labels: number;
}

export function newTally(): Tally {
  const none = { pairs: 0, inside: 0, lowerHolds: 0, upperHolds: 0, sampleInside: 0 };
  return { rounds: 0, ...none, gap: 0, items: 0, ruled: 0, labels: 0 };
}

export function tally(counted: Tally, { outcome, shown }: RoundOutcome): void {
  counted.rounds += 1;
  counted.items += shown.items.total;
  counted.ruled += shown.rulings.items;
  counted.labels += shown.labels.total;
  for (const { bounds, truth } of outcome.models) {
    const { lower, upper } = bounds;
    const [lowerHolds, upperHolds] = [lower.low <= truth.rate, truth.rate <= upper.high];
    counted.pairs += 1;
    counted.lowerHolds += Number(lowerHolds);
    counted.upperHolds += Number(upperHolds);
    counted.inside += Number(lowerHolds && upperHolds);
    counted.sampleInside += Number(lower.estimate <= truth.ofThese && truth.ofThese <= upper.estimate);
    counted.gap += upper.estimate - lower.estimate;
  }
}

const percent = (part: number, of: number) => (of === 0 ? '-' : `${((100 * part) / of).toFixed(1)}%`);

export function describe(table: readonly (Tally & { spammers: number })[]): string {
  const rows = table.map((one) => [
    `${one.spammers} of 12`,
    String(one.rounds),
    `${one.inside}/${one.pairs} (${percent(one.inside, one.pairs)})`,
    percent(one.lowerHolds, one.pairs),
    percent(one.upperHolds, one.pairs),
    percent(one.sampleInside, one.pairs),
    percent(one.gap, one.pairs),
    percent(one.ruled, one.items),
    (one.labels / Math.max(1, one.items)).toFixed(2),
  ]);
  const headings = [
    'spammers',
    'rounds',
    'true rate inside the intervals',
    'lower end holds',
    'upper end holds',
    'these answers inside the bounds',
    'mean gap',
    'items ruled on',
    'labels per item',
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
