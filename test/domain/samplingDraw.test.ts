import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type Draw, type Drawable, drawn } from '../../domain/sampling';

const ids = fc.uniqueArray(fc.string(), { maxLength: 40 });
const promptsOf = (all: readonly string[]): Drawable[] => all.map((externalId) => ({ externalId }));
const idsOf = (prompts: readonly Drawable[]) => prompts.map(({ externalId }) => externalId);
const draw = (all: readonly string[], how: Draw, seed: string) => idsOf(drawn(promptsOf(all), how, seed));
const numbered = (n: number, name = 'prompt') => Array.from({ length: n }, (_, i) => `${name}-${i}`);

/** As every version has drawn: in the order of these hashes. */
function byHash(all: readonly string[], seed: string): string[] {
  const hashOf = (id: string) =>
    createHash('sha256')
      .update(JSON.stringify([seed, 'prompts', id]))
      .digest('hex');
  return all
    .map((id) => ({ id, hash: hashOf(id) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ id }) => id);
}

describe('a number of prompts', () => {
  test('are the first by their hashes, as they always were, and all are all of them', () => {
    fc.assert(
      fc.property(ids, fc.nat(50), fc.string(), (all, sample, seed) => {
        expect(draw(all, { sample }, seed)).toEqual(byHash(all, seed).slice(0, sample));
        expect(draw(all, { sample: null }, seed)).toEqual(byHash(all, seed));
      }),
    );
    const many = numbered(20_000);
    expect(draw(many, { sample: 5_000 }, 'x')).toEqual(byHash(many, 'x').slice(0, 5_000));
  });

  test('hold those of a smaller number, and of a grown set only new ones take their places', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(40), fc.nat(10), fc.string(), (old, more, sample, further, seed) => {
        const before = draw(old, { sample }, seed);
        expect(draw(old, { sample: sample + further }, seed)).toEqual(expect.arrayContaining(before));
        const grown = draw([...new Set([...old, ...more])], { sample }, seed);
        expect(before).toEqual(expect.arrayContaining(grown.filter((id) => old.includes(id))));
      }),
    );
  });
});

describe('a share', () => {
  const shares = fc.double({ min: 0.01, max: 1, noNaN: true });

  test('is drawn of each prompt by itself: a grown set keeps its draws exactly, with strata or without', () => {
    fc.assert(
      fc.property(ids, ids, shares, fc.string(), fc.boolean(), (old, more, share, seed, stratified) => {
        const how: Draw = { sample: null, share };
        if (stratified) how.strata = { field: 'f', allocation: 'proportional' };
        const inStrata = (all: readonly string[]) =>
          idsOf(
            drawn(
              all.map((externalId) => ({ externalId, stratum: externalId.slice(0, 1) })),
              how,
              seed,
            ),
          );
        const grown = inStrata([...new Set([...old, ...more])]);
        expect(grown.filter((id) => old.includes(id))).toEqual(inStrata(old));
        expect(inStrata(old)).toEqual(draw(old, { sample: null, share }, seed));
      }),
    );
  });

  test('holds every smaller share, and the whole is all', () => {
    fc.assert(
      fc.property(ids, shares, shares, fc.string(), (all, a, b, seed) => {
        const smaller = draw(all, { sample: null, share: Math.min(a, b) }, seed);
        expect(draw(all, { sample: null, share: Math.max(a, b) }, seed)).toEqual(expect.arrayContaining(smaller));
        expect(draw(all, { sample: null, share: 1 }, seed)).toEqual(byHash(all, seed));
      }),
    );
  });

  test('is about that part of the prompts, over prompts and over seeds', () => {
    const taken = draw(numbered(20_000), { sample: null, share: 0.1 }, '1').length;
    // Five standard deviations of a binomial count: 42 each.
    expect(Math.abs(taken - 2_000)).toBeLessThan(212);
    const counts = new Map(numbered(20).map((id) => [id, 0]));
    for (let seed = 0; seed < 2_000; seed += 1) {
      for (const id of draw([...counts.keys()], { sample: null, share: 0.25 }, String(seed))) {
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 500) ** 2 / 375, 0);
    // 20 degrees of freedom: 45.3 is exceeded once in a thousand, and the draws are fixed by their seeds.
    expect(chiSquare).toBeLessThan(45.3);
  });
});

describe('within strata', () => {
  const stratified = fc.uniqueArray(
    fc.record({ externalId: fc.string(), stratum: fc.constantFrom('a', 'b', 'c', null) }),
    { maxLength: 40, selector: ({ externalId }) => externalId },
  );
  const allocations = fc.constantFrom('proportional' as const, 'equal' as const);

  test('as many are drawn as were asked for or are there, each once, and of each stratum its first by their hashes', () => {
    fc.assert(
      fc.property(stratified, fc.nat(50), allocations, fc.string(), (all, sample, allocation, seed) => {
        const found = drawn(all, { sample, strata: { field: 'f', allocation } }, seed);
        expect(found).toHaveLength(Math.min(sample, all.length));
        expect(new Set(found).size).toBe(found.length);
        for (const stratum of ['a', 'b', 'c', null]) {
          const own = idsOf(found.filter((prompt) => prompt.stratum === stratum));
          const there = idsOf(all.filter((prompt) => prompt.stratum === stratum));
          expect(own).toEqual(byHash(there, seed).slice(0, own.length));
        }
      }),
    );
  });

  test('drawn alike, fewer prompts are always among more', () => {
    fc.assert(
      fc.property(stratified, fc.nat(40), fc.string(), (all, sample, seed) => {
        const strata = { field: 'f', allocation: 'equal' as const };
        const fewer = drawn(all, { sample, strata }, seed);
        expect(drawn(all, { sample: sample + 1, strata }, seed)).toEqual(expect.arrayContaining(fewer));
      }),
    );
  });

  test('every prompt of a stratum is taken equally often over seeds', () => {
    const all = [...numbered(10, 'few'), ...numbered(30, 'many')].map((externalId) => ({
      externalId,
      stratum: externalId.split('-')[0] ?? null,
    }));
    const counts = new Map(all.map(({ externalId }) => [externalId, 0]));
    const strata = { field: 'f', allocation: 'equal' as const };
    for (let seed = 0; seed < 2_000; seed += 1) {
      for (const { externalId } of drawn(all, { sample: 10, strata }, String(seed))) {
        counts.set(externalId, (counts.get(externalId) ?? 0) + 1);
      }
    }
    // 5 of 10 and 5 of 30: 1,000 and 333.3 expected, with the variance of a draw without replacement.
    const chiSquare = (name: string, n: number, expected: number) =>
      [...counts].filter(([id]) => id.startsWith(name)).reduce((sum, [, found]) => sum + (found - expected) ** 2, 0) /
      ((expected * (1 - 5 / n) * n) / (n - 1));
    // 9 and 29 degrees of freedom: exceeded once in a thousand.
    expect(chiSquare('few', 10, 1_000)).toBeLessThan(27.9);
    expect(chiSquare('many', 30, 2_000 / 6)).toBeLessThan(58.3);
  });
});
