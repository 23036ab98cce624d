import { type LabellerFigures, signsOf, usualOf } from '../../../db/report/careless';
import type { PersonId } from '../../../domain/ids';

function labeller(name: string, figures: Partial<LabellerFigures>): LabellerFigures {
  return {
    labellerId: name as PersonId,
    name: null,
    kind: 'human',
    labels: 60,
    unsure: 0,
    cantJudge: 0,
    medianSeconds: 40,
    seconds: 2_400,
    verdicts: { misaligned: 10, aligned: 45, ambiguous: 5 },
    others: { n: 54, of: 60 },
    faults: { n: 18, of: 20 },
    rulings: { n: 0, of: 0 },
    contested: { n: 6, of: 60 },
    ...figures,
  };
}

const CAREFUL = ['a', 'b', 'c', 'd'].map((name) => labeller(name, {}));
const signsAmong = (one: LabellerFigures, others = CAREFUL) => signsOf(one, usualOf([...others, one]));

test('who answers at random disagrees, who always says “aligned” overlooks, who does not read is too fast', () => {
  expect(signsAmong(labeller('x', { others: { n: 25, of: 60 } }))).toEqual(['disagrees']);
  expect(signsAmong(labeller('x', { others: { n: 48, of: 60 }, faults: { n: 0, of: 20 } }))).toEqual(['overlooks']);
  expect(signsAmong(labeller('x', { medianSeconds: 3 }))).toEqual(['too-fast']);
});

test('nobody stands out by chance, by little, or among too few', () => {
  expect(signsAmong(labeller('x', { others: { n: 50, of: 60 } }))).toEqual([]);
  expect(signsAmong(labeller('x', { others: { n: 8, of: 12 }, faults: { n: 1, of: 3 } }))).toEqual([]);
  expect(signsAmong(labeller('x', { labels: 8, medianSeconds: 1, others: { n: 0, of: 8 } }))).toEqual([]);
  expect(signsAmong(labeller('x', { others: { n: 10, of: 60 } }), CAREFUL.slice(0, 1))).toEqual([]);
});

test('where everybody is fast, as simulated labellers are, nobody is too fast', () => {
  const hasty = CAREFUL.map((each) => ({ ...each, medianSeconds: 0.5 }));
  expect(signsAmong(labeller('x', { medianSeconds: 0.05 }), hasty)).toEqual([]);
});

test('among labellers who are all alike hardly ever is anybody said to stand out, however many they are', () => {
  const drawn = (seed: number) => {
    let state = seed;
    return (of: number, chance: number) => {
      let n = 0;
      for (let i = 0; i < of; i += 1) {
        state = (state * 48_271) % 2_147_483_647;
        if (state / 2_147_483_647 < chance) n += 1;
      }
      return { n, of };
    };
  };
  const rounds = Array.from({ length: 400 }, (_, i) => drawn(12_345 + 7_919 * i));
  const accused = rounds.filter((draw) => {
    const alike = Array.from({ length: 12 }, (_, i) =>
      labeller(`l${i}`, { others: draw(120, 0.95), faults: draw(24, 0.92) }),
    );
    const usual = usualOf(alike);
    return alike.some((one) => signsOf(one, usual).length > 0);
  });
  expect(accused.length).toBeLessThan(16);
});
