/** Ctrl-C and its likes: the first asks to stop in order, the next ends at once. */

export interface StopRequest {
  /** Aborted by the first. */
  signal: AbortSignal;
  /** Resolves with the first. */
  asked: Promise<void>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** From now on this process no longer ends by these signals. */
export function onStopRequest(first: () => void, again: () => void): StopRequest {
  const controller = new AbortController();
  const { signal } = controller;
  const asked = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (signal.aborted) return again();
      controller.abort();
      first();
    });
  }
  return { signal, asked };
}
