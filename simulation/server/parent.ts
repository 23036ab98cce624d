/** Notices when the process that started this one is gone, however it went: a killed one can end nobody. */

const EVERY_MS = 1_000;

/** Calls `act` once; does not keep this process alive. */
export function whenOrphaned(act: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    act();
  }, EVERY_MS);
  looking.unref();
}
