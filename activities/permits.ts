/**
 * Calls in flight of a provider account: a queue per account in each worker, and behind it a share of the account's
 * permits, held for seconds and asked for anew while there are calls.
 */

export interface PermitSource {
  /** @returns how many calls may be in flight for the next `leaseMs`, and how many by rights. */
  renew(asked: PermitWish): Promise<{ permits: number; share: number }>;
}

export interface PermitWish {
  /** Goes on being held whatever the answer is. */
  holds: number;
  wanted: number;
  answered: number;
  leaseMs: number;
}

export interface PermittedCall<Prepared, Result> {
  /** Begun before a permit is free, by about as long as it takes; undefined: there is nothing to call after all. */
  prepare(): Promise<Prepared | undefined>;
  call(prepared: Prepared): Promise<Result>;
  /** Whether the provider answered, so that more calls at once may do no harm. */
  wasAnswered(result: Result): boolean;
}

/** Long enough for a database that stumbles, short enough for those who wait for what a killed worker held. */
const LEASE_MS = 5_000;
const RENEW_MS = 500;
/** What is not used is given back after a moment: most often the next chunk of calls is on its way. */
const IDLE_MS = 100;
/** Until it is known how long a call takes, and how long preparing one. */
const FIRST_GUESS_MS = { call: 1_000, preparing: 40 };
/** What takes longer is a database that stumbles: nothing to be prepared for. */
const LONGEST_PREPARING_MS = 1_000;
/** Weight of the newest call in the mean of their times. */
const NEWEST = 0.1;

/** One account's, in this worker. */
export class Permits {
  private size = 0;
  /** Of the size, what others do not want. */
  private share = 0;
  private inFlight = 0;
  private preparing = 0;
  private answered = 0;
  private callMs = FIRST_GUESS_MS.call;
  private preparingMs = FIRST_GUESS_MS.preparing;
  private readonly toPrepare: (() => void)[] = [];
  private readonly toCall: (() => void)[] = [];
  private leaseEnds = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly source: PermitSource) {}

  /** In the order of asking. What has to be done with the result is done without a permit. */
  async run<Prepared, Result>(work: PermittedCall<Prepared, Result>): Promise<Result | undefined> {
    await this.turnTo(this.toPrepare);
    const asked = performance.now();
    const prepared = await work.prepare().catch((error: unknown) => {
      this.unprepared();
      throw error;
    });
    if (prepared === undefined) {
      this.unprepared();
      return undefined;
    }
    this.preparingMs = meanWith(this.preparingMs, Math.min(LONGEST_PREPARING_MS, performance.now() - asked));
    await this.turnTo(this.toCall);
    const began = performance.now();
    try {
      const result = await work.call(prepared);
      if (work.wasAnswered(result)) this.answered += 1;
      return result;
    } finally {
      this.callMs = meanWith(this.callMs, performance.now() - began);
      this.inFlight -= 1;
      this.admit();
      if (this.wanted === 0) this.askIn(IDLE_MS);
    }
  }

  private unprepared(): void {
    this.preparing -= 1;
    this.admit();
  }

  private turnTo(queue: (() => void)[]): Promise<void> {
    return new Promise((resolve) => {
      queue.push(resolve);
      this.admit();
      if (queue.length > 0 && this.timer === undefined) this.askIn(0);
    });
  }

  private admit(): void {
    if (Date.now() >= this.leaseEnds) return;
    for (let next = this.toCall[0]; next && this.inFlight < this.size; next = this.toCall[0]) {
      this.toCall.shift();
      this.preparing -= 1;
      this.inFlight += 1;
      next();
    }
    // As many more as permits become free while one is prepared.
    const ahead = (this.size * this.preparingMs) / Math.max(1, this.callMs);
    const most = this.size + Math.min(this.size, Math.floor(ahead));
    while (this.toPrepare.length > 0 && this.inFlight + this.preparing < most) {
      this.preparing += 1;
      this.toPrepare.shift()?.();
    }
  }

  private get wanted(): number {
    return this.inFlight + this.preparing + this.toPrepare.length;
  }

  /** Those who come in the same turn of the event loop are counted together. */
  private askIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), ms);
    this.timer.unref();
  }

  private async ask(): Promise<void> {
    const { answered, wanted } = this;
    // What others want, or nobody uses, is given up before it is said to be.
    const holds = Math.max(this.inFlight, Math.min(this.size, this.share, wanted));
    this.size = holds;
    const asked = Date.now();
    try {
      const given = await this.source.renew({ holds, wanted, answered, leaseMs: LEASE_MS });
      this.size = given.permits;
      this.share = given.share;
      // From before it was asked for: the database's lease ends later than this.
      this.leaseEnds = asked + LEASE_MS;
      this.answered -= answered;
    } catch {
      // What is held goes on until its lease ends; asked again below.
    }
    this.admit();
    if (wanted === 0 && this.wanted === 0) {
      this.timer = undefined;
      this.leaseEnds = 0;
    } else if (this.wanted === 0) this.askIn(IDLE_MS);
    else this.askIn(this.size === wanted && this.wanted > wanted ? 0 : RENEW_MS);
  }
}

function meanWith(mean: number, newest: number): number {
  return mean + NEWEST * (newest - mean);
}
