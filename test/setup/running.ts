/** The services of this run, from Jest's setup to its teardown: two modules of one process that share no other state. */
import type { LocalServices } from '../../scripts/services';

declare global {
  var plumblineTestRun: { stop(): Promise<void> } | undefined;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Remembers the services for the teardown. Jest calls no teardown when it is interrupted, so signals stop them too. */
export function keepRunning(services: Pick<LocalServices, 'release'>): void {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= release(services).finally(() => {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    });
    return stopping;
  };
  const onSignal = (signal: NodeJS.Signals) => void stop().finally(() => process.kill(process.pid, signal));
  for (const signal of SIGNALS) process.on(signal, onSignal);
  globalThis.plumblineTestRun = { stop };
}

async function release(services: Pick<LocalServices, 'release'>): Promise<void> {
  await services.release();
}

export async function stopRunning(): Promise<void> {
  await globalThis.plumblineTestRun?.stop();
}
