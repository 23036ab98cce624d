/** The one thing a workflow hears: that its rows changed. */
import { condition, setHandler } from '@temporalio/workflow';
import { changed } from './messages';

export class Nudges {
  private waiting = false;

  /** Construct before the first await, so that no signal comes too early to be heard. */
  constructor() {
    setHandler(changed, () => this.nudge());
  }

  /** For what happens inside the workflow itself, such as a chunk that ended. */
  nudge(): void {
    this.waiting = true;
  }

  /** Call before reading rows: what changes after this is heard by the next wait. */
  heard(): void {
    this.waiting = false;
  }

  get any(): boolean {
    return this.waiting;
  }

  /** Returns at once if something changed since `heard`, else when it does, else after the time. */
  async orAfter(ms: number): Promise<void> {
    await condition(() => this.waiting, Math.max(1, Math.ceil(ms)));
  }
}
