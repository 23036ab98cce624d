/** Long computations cut into steps, so that whoever runs one in a process that serves others can let those in between. */

/** Pauses every few milliseconds of work; returns its result. */
export type Steps<Result> = Generator<undefined, Result>;

/** How many things are looked at between two pauses. */
export const PER_STEP = 1_000;

/** Without a pause: where nobody waits. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Whatever else the process has to do is done at each pause. */
export async function unhurried<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
