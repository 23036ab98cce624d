/** Calls in flight per worker and provider account: one pool for all chunks. */

export class Permits {
  private inUse = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private size: number) {}

  /** The account's setting may change while calls are under way. */
  resize(size: number): void {
    this.size = size;
    this.admit();
  }

  /** Runs when a permit is free, in the order of asking. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.inUse >= this.size) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.inUse += 1;
    try {
      return await call();
    } finally {
      this.inUse -= 1;
      this.admit();
    }
  }

  private admit(): void {
    while (this.inUse < this.size) {
      const next = this.queue.shift();
      if (!next) return;
      this.inUse += 1;
      next();
    }
  }
}
