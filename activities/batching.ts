/** Joining what is asked for at the same time into one statement: a commit for fifty rows costs little more than for one. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * While a batch is under way the next gathers; each caller gets its own part of the result.
 * @param run gets the gathered inputs and returns one output for each, in order. If it throws, all its callers fail.
 * @param lanes batches under way at once.
 * @param gatherMs how long a batch waits for others to join it, unless it is full when its turn comes.
 */
export function batched<In, Out>(
  run: (inputs: In[]) => Promise<Out[]>,
  { limit = 100, lanes = 1, gatherMs = 0 } = {},
): (input: In) => Promise<Out> {
  let gathered: { input: In; resolve: (output: Out) => void; reject: (error: unknown) => void }[] = [];
  let running = 0;

  async function work(): Promise<void> {
    running += 1;
    while (gathered.length > 0) {
      if (gatherMs > 0 && gathered.length < limit) {
        await delay(gatherMs);
        if (gathered.length === 0) break;
      }
      const batch = gathered.slice(0, limit);
      gathered = gathered.slice(limit);
      try {
        const outputs = await run(batch.map((entry) => entry.input));
        batch.forEach((entry, i) => {
          const output = outputs[i];
          if (i < outputs.length) entry.resolve(output as Out);
          else entry.reject(new Error(`a batch of ${batch.length} gave ${outputs.length} results`));
        });
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    running -= 1;
  }

  return (input) =>
    new Promise((resolve, reject) => {
      gathered.push({ input, resolve, reject });
      if (running < lanes) void work();
    });
}
