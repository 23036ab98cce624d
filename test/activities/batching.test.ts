import fc from 'fast-check';
import { batched } from '../../activities/batching';

test('what is asked for while a batch is under way goes into the next, each caller getting its own result', async () => {
  const batches: number[][] = [];
  const release: (() => void)[] = [];
  const double = batched<number, number>(async (inputs) => {
    batches.push(inputs);
    await new Promise<void>((resolve) => release.push(resolve));
    return inputs.map((n) => n * 2);
  });
  const first = double(1);
  const rest = [2, 3, 4].map((n) => double(n));
  release.shift()?.();
  expect(await first).toBe(2);
  release.shift()?.();
  expect(await Promise.all(rest)).toEqual([4, 6, 8]);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test('no batch is larger than the limit, no more are under way than lanes, and every input is run once', async () => {
  const few = fc.integer({ min: 1, max: 7 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 40 }), few, few, async (inputs, limit, lanes) => {
      const ran: number[] = [];
      let underWay = 0;
      const echo = batched<number, number>(
        async (batch) => {
          underWay += 1;
          expect(batch.length).toBeLessThanOrEqual(limit);
          expect(underWay).toBeLessThanOrEqual(lanes);
          await Promise.resolve();
          ran.push(...batch);
          underWay -= 1;
          return batch;
        },
        { limit, lanes },
      );
      expect(await Promise.all(inputs.map(echo))).toEqual(inputs);
      expect(ran.sort()).toEqual([...inputs].sort());
    }),
  );
});

test('what is asked for within a moment goes into one batch, and a full one does not wait', async () => {
  const batches: number[][] = [];
  const echo = batched<number, number>(
    async (inputs) => {
      batches.push(inputs);
      return inputs;
    },
    { limit: 3, lanes: 2, gatherMs: 20 },
  );
  const one = echo(1);
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(await Promise.all([one, echo(2)])).toEqual([1, 2]);
  expect(batches).toEqual([[1, 2]]);
  expect(await Promise.all([3, 4, 5, 6].map(echo))).toEqual([3, 4, 5, 6]);
  expect(batches.slice(1).flat().sort()).toEqual([3, 4, 5, 6]);
  expect(batches.every(({ length }) => length > 0 && length <= 3)).toBe(true);
});

test('a batch that fails fails its callers alone', async () => {
  const work = batched<number, number>(async (inputs) => {
    if (inputs.includes(1)) throw new Error('no');
    return inputs;
  });
  const [one, two] = [work(1), work(2)];
  await expect(one).rejects.toThrow('no');
  await expect(two).resolves.toBe(2);
});

test('too few results are an error, not a caller that waits for ever', async () => {
  const broken = batched<number, number>(async () => []);
  await expect(broken(1)).rejects.toThrow('gave 0 results');
});
