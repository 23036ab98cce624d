import { type PermitSource, Permits } from '../../activities/permits';

/** Grants what it is told to, and keeps what it was asked. */
class Granting implements PermitSource {
  readonly asked: Parameters<PermitSource['renew']>[0][] = [];

  constructor(public permits: number) {}

  async renew(asked: Parameters<PermitSource['renew']>[0]) {
    this.asked.push(asked);
    const share = Math.min(asked.wanted, this.permits);
    return { permits: Math.max(asked.holds, share), share };
  }
}

/** Calls that end when the test says so. */
function slowCalls(permits: Permits) {
  const ends: (() => void)[] = [];
  const began: number[] = [];
  const run = (n: number) =>
    permits.run({
      prepare: async () => n,
      call: async (which) => {
        began.push(which);
        await new Promise<void>((resolve) => ends.push(resolve));
      },
      wasAnswered: () => true,
    });
  const endOne = () => ends.shift()?.();
  return { run, began, endOne };
}

async function until(holds: () => boolean): Promise<void> {
  const over = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > over) throw new Error('it did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('no more calls run than there are permits, in the order of asking', async () => {
  const calls = slowCalls(new Permits(new Granting(2)));
  const all = [1, 2, 3, 4].map(calls.run);
  await until(() => calls.began.length === 2);
  for (const most of [3, 4]) {
    calls.endOne();
    await until(() => calls.began.length === most);
  }
  calls.endOne();
  calls.endOne();
  await Promise.all(all);
  expect(calls.began).toEqual([1, 2, 3, 4]);
});

test('a call that throws, in its preparation or itself, gives its permit back', async () => {
  const permits = new Permits(new Granting(1));
  const work = { prepare: async () => 1, call: async () => 'yes', wasAnswered: () => true };
  const no = () => Promise.reject(new Error('no'));
  await expect(permits.run({ ...work, prepare: no })).rejects.toThrow('no');
  await expect(permits.run({ ...work, call: no })).rejects.toThrow('no');
  await expect(permits.run({ ...work, prepare: async () => undefined })).resolves.toBeUndefined();
  await expect(permits.run(work)).resolves.toBe('yes');
});

test('more permits let waiting calls in, fewer hold new ones back, and what is unused is given back', async () => {
  const source = new Granting(1);
  const calls = slowCalls(new Permits(source));
  const all = [1, 2, 3].map(calls.run);
  await until(() => calls.began.length === 1);
  source.permits = 3;
  await until(() => calls.began.length === 3);
  source.permits = 1;
  for (let i = 0; i < 3; i += 1) calls.endOne();
  await Promise.all(all);
  await until(() => source.asked.at(-1)?.wanted === 0);
  expect(source.asked.reduce((sum, asked) => sum + asked.answered, 0)).toBe(3);
});

test('while the source does not answer no call begins once the share has run out', async () => {
  const source = new Granting(1);
  const calls = slowCalls(new Permits(source));
  const first = calls.run(1);
  await until(() => calls.began.length === 1);
  source.renew = () => Promise.reject(new Error('away'));
  calls.endOne();
  await first;
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  const second = calls.run(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls.began).toEqual([1]);
  now.mockRestore();
  source.renew = async () => ({ permits: 1, share: 1 });
  await until(() => calls.began.length === 2);
  calls.endOne();
  await second;
});
