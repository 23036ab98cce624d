/** Notices when the process that started this one is gone, however it went: a killed one can end nobody. */

const EVERY_MS = 1_000;

/**
 * Calls `act` once; does not keep this process alive.
 * @param starter the number of the process that started this one, where it said so: it may be gone before this is called.
 */
export function whenOrphaned(act: () => void, starter = process.env.PLUMBLINE_SIMULATION_PARENT): void {
  const parent = starter === undefined ? process.ppid : Number(starter);
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    act();
  }, EVERY_MS);
  looking.unref();
}
