/** How the server behaves as real ones do: it takes its time, and some calls fail before they succeed. */
import { drawn, drawsOf, normal } from '../world/seeded';
import { Refusal } from './errors';

/** Request keys of one world; a request of which the server has forgotten may be in trouble once more. */
const REMEMBERED = 100_000;
const RETRY_AFTER_SECONDS = 1;

export interface Latency {
  /** 0: answers at once. */
  meanMs: number;
  /** Standard deviation of its logarithm; 0: always the mean. */
  jitter: number;
}

/** Log-normal, in milliseconds, and the same for the same request of the same world. */
export function latencyOf({ meanMs, jitter }: Latency, seed: string, request: string): number {
  if (meanMs === 0 || jitter === 0) return meanMs;
  return meanMs * Math.exp(jitter * normal(drawsOf(seed, request), 'latency') - jitter ** 2 / 2);
}

/** Which calls of one world fail. A request fails once at most: sent again it succeeds. */
export class Trouble {
  private readonly seen = new Set<string>();

  /** @param share of requests, 0..1. */
  constructor(
    private readonly share: number,
    private readonly seed: string,
  ) {}

  /** @throws Refusal 429 or 500, the first time that this server sees such a request. */
  befall(request: string): void {
    if (this.share === 0 || this.seen.has(request)) return;
    if (this.seen.size >= REMEMBERED) this.seen.clear();
    this.seen.add(request);
    if (drawn(this.seed, 'trouble', request) >= this.share) return;
    if (drawn(this.seed, 'which trouble', request) < 0.5) {
      throw new Refusal(429, 'requests', 'rate_limit_exceeded', 'Rate limit reached (simulated).', null, {
        'retry-after': String(RETRY_AFTER_SECONDS),
      });
    }
    throw new Refusal(500, 'server_error', null, 'The server had an error (simulated).');
  }
}
