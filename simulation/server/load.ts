/** How much is asked of the server at once, for those who check that no more is asked than may be. */
import { hashText } from '../../domain/text';
import { Refusal } from './errors';

export interface Count {
  /** Calls that are not answered yet, and the most there were at one time. */
  inFlight: number;
  most: number;
  answered: number;
  /** Turned away because too many were in flight. */
  refused: number;
}

const RETRY_AFTER_SECONDS = 1;
const KEY_DIGITS = 8;

export class Load {
  private readonly total = none();
  private readonly byKey = new Map<string, Count>();

  /** @param permits calls in flight under one key, at most; null: any number. */
  constructor(private readonly permits: number | null) {}

  /** @param key as it was sent. @returns what to call once the call is answered. @throws Refusal 429 for one too many. */
  enter(key: string): (answered: boolean) => void {
    const counts = [this.total, this.countOf(key)] as const;
    if (this.permits !== null && counts[1].inFlight >= this.permits) {
      for (const count of counts) count.refused += 1;
      throw new Refusal(429, 'requests', 'rate_limit_exceeded', 'Too many calls at once (simulated).', null, {
        'retry-after': String(RETRY_AFTER_SECONDS),
      });
    }
    for (const count of counts) {
      count.inFlight += 1;
      count.most = Math.max(count.most, count.inFlight);
    }
    return (answered) => {
      for (const count of counts) {
        count.inFlight -= 1;
        if (answered) count.answered += 1;
      }
    };
  }

  /** Keys are known by the beginning of their hash. */
  report(): Count & { byKey: Record<string, Count> } {
    const byKey = [...this.byKey].map(([key, count]) => [hashText(key).slice(0, KEY_DIGITS), { ...count }] as const);
    return { ...this.total, byKey: Object.fromEntries(byKey) };
  }

  /** What is in flight stays so. */
  reset(): void {
    for (const count of [this.total, ...this.byKey.values()]) {
      Object.assign(count, { most: count.inFlight, answered: 0, refused: 0 });
    }
  }

  private countOf(key: string): Count {
    const count = this.byKey.get(key) ?? none();
    this.byKey.set(key, count);
    return count;
  }
}

function none(): Count {
  return { inFlight: 0, most: 0, answered: 0, refused: 0 };
}
