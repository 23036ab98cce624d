/** Whether Temporal answers, asked beside the watching: a round that waits for it should say so. */
import { setTimeout as pause } from 'node:timers/promises';
import { findTemporal } from '../finding';

const EVERY_MS = 15_000;

export class TemporalHealth {
  private found: string | undefined;

  constructor(stopping: AbortSignal) {
    void this.keepAsking(stopping);
  }

  /** What is wrong; undefined while nothing is known to be. */
  trouble(): string | undefined {
    return this.found;
  }

  private async keepAsking(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      this.found = await lookOnce();
      await pause(EVERY_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
    }
  }
}

async function lookOnce(): Promise<string | undefined> {
  try {
    await findTemporal();
    const temporal: typeof import('../temporal') = require('../temporal');
    const { workers } = await temporal.askTemporal();
    if (workers.rounds > 0) return undefined;
    return 'no worker runs: the round waits (`plumbline up`, or `plumbline worker`)';
  } catch {
    return 'Temporal does not answer: labelling goes on, the rest of the round waits (`plumbline doctor` says more)';
  }
}
