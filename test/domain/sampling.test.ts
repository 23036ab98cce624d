import fc from 'fast-check';
import { seededOrder, seededSample } from '../../domain/sampling';

const keys = fc.uniqueArray(fc.string(), { maxLength: 30 });
const self = (key: string) => key;

describe('seeded sampling', () => {
  test('draws the same for the same seed, whatever the order of the file', () => {
    fc.assert(
      fc.property(keys, fc.string(), (all, seed) => {
        expect(seededOrder([...all].reverse(), seed, 'p', self)).toEqual(seededOrder(all, seed, 'p', self));
      }),
    );
  });

  test('draws differently for another seed and for another purpose', () => {
    const all = Array.from({ length: 50 }, (_, i) => `prompt-${i}`);
    const drawn = seededSample(all, 10, '1', 'prompts', self);
    expect(seededSample(all, 10, '2', 'prompts', self)).not.toEqual(drawn);
    expect(seededSample(all, 10, '1', 'items', self)).not.toEqual(drawn);
  });

  test('keeps its old draws when the set grows', () => {
    fc.assert(
      fc.property(keys, keys, fc.string(), (old, more, seed) => {
        const grown = [...new Set([...old, ...more])];
        const kept = seededOrder(grown, seed, 'p', self).filter((key) => old.includes(key));
        expect(kept).toEqual(seededOrder(old, seed, 'p', self));
      }),
    );
  });

  test('takes every prompt equally often over seeds', () => {
    const all = Array.from({ length: 20 }, (_, i) => `prompt-${i}`);
    const drawn = new Map(all.map((key) => [key, 0]));
    for (let seed = 0; seed < 2_000; seed += 1) {
      for (const key of seededSample(all, 5, String(seed), 'prompts', self)) drawn.set(key, (drawn.get(key) ?? 0) + 1);
    }
    const chiSquare = [...drawn.values()].reduce((sum, n) => sum + (n - 500) ** 2 / 375, 0);
    // 19 degrees of freedom: 43.8 is exceeded once in a thousand, and the draws are fixed by their seeds.
    expect(chiSquare).toBeLessThan(43.8);
  });
});
