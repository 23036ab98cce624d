/** What the coverage bench counts, and how it shows it. */
import { z } from 'zod';
import { clopperPearson } from '../domain/intervals';

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

type Bounds = RoundOutcome['outcome']['models'][number]['bounds'];

export interface Tally {
  rounds: number;
  /** Pairs of model and round looked at. */
  pairs: number;
  /** Pairs whose intervals hold the model's true rate between them: more often than each interval claims, for the gap is there too. */
  inside: number;
  /** Pairs where the bounds themselves, without intervals, hold the share that is true of these very answers. */
  sampleInside: number;
  /** Sums of upper minus lower bound. */
  gap: number;
  items: number;
  ruled: number;
  labels: number;
  /** The bounds of each model, a round after the other. */
  bounds: Record<string, Bounds[]>;
}

export function newTally(): Tally {
  return { rounds: 0, pairs: 0, inside: 0, sampleInside: 0, gap: 0, items: 0, ruled: 0, labels: 0, bounds: {} };
}

export function tally(counted: Tally, { outcome, shown }: RoundOutcome): void {
  counted.rounds += 1;
  counted.items += shown.items.total;
  counted.ruled += shown.rulings.items;
  counted.labels += shown.labels.total;
  for (const { model, bounds, truth } of outcome.models) {
    const { lower, upper } = bounds;
    counted.pairs += 1;
    counted.inside += Number(lower.low <= truth.rate && truth.rate <= upper.high);
    counted.sampleInside += Number(lower.estimate <= truth.ofThese && truth.ofThese <= upper.estimate);
    counted.gap += upper.estimate - lower.estimate;
    counted.bounds[model] = [...(counted.bounds[model] ?? []), bounds];
  }
}

/**
 * How often an end's own interval holds what that end is in the long run, which the mean over all rounds stands for: this is
 * what 95% claims. @returns events and trials over all models and both ends.
 */
export function ownCoverage({ bounds }: Pick<Tally, 'bounds'>): { held: number; of: number } {
  let [held, of] = [0, 0];
  for (const rounds of Object.values(bounds)) {
    for (const end of ['lower', 'upper'] as const) {
      const mean = rounds.reduce((sum, one) => sum + one[end].estimate, 0) / rounds.length;
      held += rounds.filter((one) => one[end].low <= mean && mean <= one[end].high).length;
      of += rounds.length;
    }
  }
  return { held, of };
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
const mean = (sum: number, of: number) => (of === 0 ? '-' : percent(sum / of));

/** "58/60, 96.7% (88.5%–99.6%)": with the exact 95% interval of the count. */
function counted(events: number, trials: number): string {
  if (trials === 0) return '-';
  const [low, high] = clopperPearson(events, trials, 0.95);
  return `${events}/${trials}, ${percent(events / trials)} (${percent(low)}–${percent(high)})`;
}

export function describe(table: readonly (Tally & { spammers: number })[]): string {
  const rows = table.map((one) => {
    const own = ownCoverage(one);
    return [
      `${one.spammers} of 12`,
      String(one.rounds),
      counted(own.held, own.of),
      counted(one.inside, one.pairs),
      counted(one.sampleInside, one.pairs),
      mean(one.gap, one.pairs),
      mean(one.ruled, one.items),
      (one.labels / Math.max(1, one.items)).toFixed(2),
    ];
  });
  const headings = [
    'spammers',
    'rounds',
    'an end’s 95% interval holds its mean',
    'true rate between the intervals',
    'truth of these answers between the bounds',
    'mean gap',
    'items ruled on',
    'labels per item',
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
