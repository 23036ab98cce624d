/** How fast a round goes, and how long each of its phases would take at that. */
import type { RoundStanding } from '../../db/rounds/standing';

/** Over so long at least; longer, up to the second, where less than `ENOUGH` has happened. */
const SHORTEST_MS = 20_000;
const LONGEST_MS = 300_000;
const ENOUGH = 10;

const PHASES = ['generated', 'labels', 'ended'] as const;
type Counted = (typeof PHASES)[number];

export type RatesPerSecond = Record<Counted, number>;

/** null: nothing happens there now. */
export interface SecondsLeft {
  generate: number | null;
  label: number | null;
  settle: number | null;
}

export class Rates {
  private readonly samples: ({ at: number } & Record<Counted, number>)[] = [];

  /** @param at ms; zeros until two moments are known. */
  of({ items, labels }: RoundStanding, at: number): RatesPerSecond {
    const ended = items.settled + items.failed + items.unresolved;
    this.samples.push({ at, generated: items.generated, labels: labels.counted, ended });
    while (this.samples.length > 2 && (this.samples[1]?.at ?? at) < at - LONGEST_MS) this.samples.shift();
    const [generated, labelled, over] = PHASES.map((phase) => this.rate(phase, at));
    return { generated: generated ?? 0, labels: labelled ?? 0, ended: over ?? 0 };
  }

  private rate(phase: Counted, at: number): number {
    // Where many are tried again, these count no more: the rate is that since then. One that is taken back changes little.
    const fell = this.samples.findLastIndex(
      (sample, i) => sample[phase] <= (this.samples[i - 1]?.[phase] ?? 0) - ENOUGH,
    );
    const samples = this.samples.slice(Math.max(0, fell));
    const last = samples.at(-1);
    if (!last) return 0;
    const since = samples.findLast((sample) => sample.at <= at - SHORTEST_MS && last[phase] - sample[phase] >= ENOUGH);
    const first = since ?? samples[0] ?? last;
    const seconds = (last.at - first.at) / 1000;
    return seconds > 0 ? Math.max(0, (last[phase] - first[phase]) / seconds) : 0;
  }
}

/** At the present rates. */
export function secondsLeft({ items, labels }: RoundStanding, rates: RatesPerSecond): SecondsLeft {
  const ended = items.settled + items.failed + items.unresolved;
  const at = (left: number, rate: number) => (left > 0 && rate > 0 ? left / rate : null);
  return {
    generate: at(items.total - items.failed - items.generated, rates.generated),
    label: at(labels.wanted - labels.counted, rates.labels),
    settle: at(items.total - ended, rates.ended),
  };
}
