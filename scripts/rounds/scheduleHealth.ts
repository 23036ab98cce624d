/** Schedules that start no rounds now, asked beside the watching. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../../db/connection';
import { type ScheduleTrouble, scheduleTroubles } from '../schedules/troubles';

const EVERY_MS = 30_000;

export class ScheduleHealth {
  private found: ScheduleTrouble[] = [];

  constructor(
    private readonly db: Db,
    /** The schedule whose run is watched: told first. */
    private readonly own: string | null,
    stopping: AbortSignal,
  ) {
    void this.keepAsking(stopping);
  }

  /** What is known so far. */
  get troubles(): readonly ScheduleTrouble[] {
    return this.found;
  }

  private async keepAsking(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      // Postgres may be away for a while: what was found last holds.
      const found = await scheduleTroubles(this.db).catch(() => this.found);
      this.found = found.sort((a, b) => Number(b.name === this.own) - Number(a.name === this.own));
      await pause(EVERY_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
    }
  }
}
