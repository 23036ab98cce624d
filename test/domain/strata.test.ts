import fc from 'fast-check';
import { allocated, nameOfStratum, type StratumSize, sizesOf, stratumOf } from '../../domain/strata';

const sizes = fc
  .uniqueArray(fc.record({ stratum: fc.option(fc.string()), size: fc.integer({ min: 1, max: 60 }) }), {
    selector: ({ stratum }) => stratum,
    maxLength: 8,
  })
  .map((all): StratumSize[] => all);
const total = (all: readonly StratumSize[]) => all.reduce((sum, { size }) => sum + size, 0);
const drawnOf = (all: readonly { drawn: number }[]) => all.reduce((sum, { drawn }) => sum + drawn, 0);

/** One place after the other, to the strata in turn, the largest first: an equal division by hand. */
function dealt(all: readonly StratumSize[], n: number): Map<string | null, number> {
  const given = new Map(all.map(({ stratum }) => [stratum, 0]));
  const inTurn = [...all].sort(
    (a, b) =>
      b.size - a.size ||
      Number(a.stratum === null) - Number(b.stratum === null) ||
      (String(a.stratum) < String(b.stratum) ? -1 : 1),
  );
  let left = Math.min(n, total(all));
  while (left > 0) {
    for (const { stratum, size } of inTurn) {
      const has = given.get(stratum) ?? 0;
      if (left === 0 || has === size) continue;
      given.set(stratum, has + 1);
      left -= 1;
    }
  }
  return given;
}

test('all places are given, none beyond what a stratum has, each stratum once and in the order of names', () => {
  fc.assert(
    fc.property(sizes, fc.nat(400), fc.constantFrom('proportional' as const, 'equal' as const), (all, n, how) => {
      const draws = allocated(all, n, how);
      expect(drawnOf(draws)).toBe(Math.min(n, total(all)));
      for (const { size, drawn } of draws) expect(drawn >= 0 && drawn <= size).toBe(true);
      const names = draws.flatMap(({ stratum }) => stratum ?? []);
      expect(names).toEqual([...names].sort());
      expect(draws.map(({ stratum }) => stratum)).toHaveLength(all.length);
      expect(allocated([...all].reverse(), n, how)).toEqual(draws);
    }),
  );
});

test('a proportional part is the whole part of its quota or one more, and the larger fractions have the one more', () => {
  fc.assert(
    fc.property(sizes, fc.nat(400), (all, n) => {
      const wanted = BigInt(Math.min(n, total(all)));
      const whole = BigInt(total(all));
      const quotas = allocated(all, n, 'proportional').map(({ size, drawn }) => {
        const exact = wanted * BigInt(size);
        return { size, more: BigInt(drawn) - exact / whole, fraction: exact % whole };
      });
      for (const { more } of quotas) expect(more === 0n || more === 1n).toBe(true);
      for (const one of quotas.filter(({ more }) => more === 1n)) {
        for (const other of quotas.filter(({ more }) => more === 0n)) {
          expect(one.fraction > other.fraction || (one.fraction === other.fraction && one.size >= other.size)).toBe(
            true,
          );
        }
      }
    }),
  );
});

test('an equal part is what dealing the places out one by one gives', () => {
  fc.assert(
    fc.property(sizes, fc.nat(400), (all, n) => {
      const draws = new Map(allocated(all, n, 'equal').map(({ stratum, drawn }) => [stratum, drawn]));
      expect(draws).toEqual(dealt(all, n));
    }),
  );
});

test('what divides evenly is divided so, and ties go to the larger stratum, then to the first name', () => {
  const of = (all: Record<string, number>, n: number, how: 'proportional' | 'equal') =>
    Object.fromEntries(
      allocated(
        Object.entries(all).map(([stratum, size]) => ({ stratum, size })),
        n,
        how,
      ).map(({ stratum, drawn }) => [stratum, drawn]),
    );
  expect(of({ a: 50, b: 30, c: 20 }, 10, 'proportional')).toEqual({ a: 5, b: 3, c: 2 });
  expect(of({ a: 1, b: 1, c: 1 }, 2, 'proportional')).toEqual({ a: 1, b: 1, c: 0 });
  expect(of({ a: 1, b: 3 }, 2, 'proportional')).toEqual({ a: 0, b: 2 });
  expect(of({ a: 2, b: 100, c: 100 }, 30, 'equal')).toEqual({ a: 2, b: 14, c: 14 });
  expect(of({ a: 5, b: 9, c: 5 }, 10, 'equal')).toEqual({ a: 3, b: 4, c: 3 });
  expect(of({ a: 5, b: 5, c: 5 }, 10, 'equal')).toEqual({ a: 4, b: 3, c: 3 });
});

test('prompts without the field are a stratum of their own; a number and its text are one', () => {
  const prompts = [7, '7', null, undefined, ['x'], true].map((value) => ({ stratum: stratumOf(value) }));
  expect(sizesOf(prompts)).toEqual([
    { stratum: '7', size: 2 },
    { stratum: null, size: 2 },
    { stratum: '["x"]', size: 1 },
    { stratum: 'true', size: 1 },
  ]);
  expect(sizesOf([{}])).toEqual([{ stratum: null, size: 1 }]);
  expect([nameOfStratum(null, 'category'), nameOfStratum('lists', 'category')]).toEqual([
    '(without category)',
    'lists',
  ]);
  expect(nameOfStratum('x'.repeat(100), 'category')).toHaveLength(61);
});
