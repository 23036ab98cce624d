import { Permits } from '../../activities/permits';

/** Calls that end when the test says so. */
function slowCalls() {
  const ends: (() => void)[] = [];
  return { call: () => new Promise<void>((resolve) => ends.push(resolve)), ends };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('no more calls run than there are permits, in the order of asking', async () => {
  const permits = new Permits(2);
  const { call, ends } = slowCalls();
  const order: number[] = [];
  const all = [1, 2, 3, 4].map((n) =>
    permits.run(async () => {
      order.push(n);
      await call();
    }),
  );
  await settled();
  expect(order).toEqual([1, 2]);
  ends.shift()?.();
  await settled();
  expect(order).toEqual([1, 2, 3]);
  ends.shift()?.();
  await settled();
  for (const end of ends) end();
  await settled();
  for (const end of ends) end();
  await Promise.all(all);
  expect(order).toEqual([1, 2, 3, 4]);
});

test('a call that throws gives its permit back', async () => {
  const permits = new Permits(1);
  await expect(permits.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(permits.run(async () => 'yes')).resolves.toBe('yes');
});

test('more permits let waiting calls in at once, fewer hold new ones back', async () => {
  const permits = new Permits(1);
  const { call, ends } = slowCalls();
  const all = [1, 2, 3].map(() => permits.run(call));
  await settled();
  expect(ends).toHaveLength(1);
  permits.resize(3);
  await settled();
  expect(ends).toHaveLength(3);
  permits.resize(1);
  for (const end of ends) end();
  await Promise.all(all);
});
