/** The drawing of a round's items, under way while the first of them are called already. */
import type { Nudges } from './nudges';

export class Draw {
  /** More shards may come. */
  isUnderWay = false;
  private over: Promise<void> = Promise.resolve();
  private failure: { error: unknown } | undefined;

  constructor(private readonly nudges: Nudges) {}

  /** Its end is news, as each of its shards is. */
  start(drawing: Promise<unknown>): void {
    this.isUnderWay = true;
    this.over = drawing
      .then(
        () => undefined,
        (error: unknown) => {
          this.failure = { error };
        },
      )
      .finally(() => {
        this.isUnderWay = false;
        this.nudges.nudge();
      });
  }

  /** @throws what the drawing failed with, if it has. */
  check(): void {
    if (this.failure) throw this.failure.error;
  }

  /** Returns when nothing is being drawn. @throws as `check` does. */
  async ended(): Promise<void> {
    await this.over;
    this.check();
  }
}
