import { setTimeout as pause } from 'node:timers/promises';

interface Waiting {
  readonly withinMs: number;
  readonly everyMs?: number;
}

/** Asks `probe` until it gives something. Undefined when it gave nothing in time. */
export async function until<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  waiting: Waiting,
): Promise<T | undefined> {
  const deadline = Date.now() + waiting.withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() >= deadline) return undefined;
    await pause(waiting.everyMs ?? 50);
  }
}

/** The promise's value, or `late()` thrown when it has none in time; what it does later is not waited for. */
export async function within<T>(ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  const timer = new AbortController();
  const tooLate = pause(ms, undefined, { signal: timer.signal }).then(() => Promise.reject(late()));
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    timer.abort();
    tooLate.catch(() => undefined);
    promise.catch(() => undefined);
  }
}
