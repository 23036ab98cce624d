/** How fast a round goes: what was counted over the last while. */
import type { RoundStanding } from '../../db/rounds/standing';

const OVER_MS = 20_000;

export interface RatesPerSecond {
  generated: number;
  labels: number;
  ended: number;
}

export class Rates {
  private readonly samples: { at: number; generated: number; labels: number; ended: number }[] = [];

  /** @param at ms; zeros until two moments are known. */
  of(standing: RoundStanding, at: number): RatesPerSecond {
    const { items, labels } = standing;
    const ended = items.settled + items.failed + items.unresolved;
    this.samples.push({ at, generated: items.generated, labels: labels.counted, ended });
    while (this.samples.length > 2 && (this.samples[0]?.at ?? at) < at - OVER_MS) this.samples.shift();
    const [first] = this.samples;
    const last = this.samples.at(-1);
    const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
    if (!first || !last || seconds <= 0) return { generated: 0, labels: 0, ended: 0 };
    const rate = (from: number, to: number) => Math.max(0, (to - from) / seconds);
    return {
      generated: rate(first.generated, last.generated),
      labels: rate(first.labels, last.labels),
      ended: rate(first.ended, last.ended),
    };
  }
}
