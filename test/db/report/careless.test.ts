import { type LabellerFigures, RISK, signsOf, usualOf } from '../../../db/report/careless';
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

/** Draws with a fixed beginning: the same each time. */
function drawing(seed: number) {
  let state = seed;
  return (of: number, chance: number) => {
    let n = 0;
    for (let i = 0; i < of; i += 1) {
      state = (state * 48_271) % 2_147_483_647;
      if (state / 2_147_483_647 < chance) n += 1;
    }
    return { n, of };
  };
}

const ROUNDS = 500;
/** RISK of them, and what such a number of draws may be off by: three standard errors. */
const MOST_BY_CHANCE = ROUNDS * RISK + 3 * Math.sqrt(ROUNDS * RISK * (1 - RISK));

describe.each([3, 5, 12])('among %d labellers who are all alike', (many) => {
  test.each([10, 20, 30, 120])('with %d items each, hardly ever is anybody said to stand out', (items) => {
    for (const share of [0.9, 0.93, 0.95, 0.97]) {
      const accused = Array.from({ length: ROUNDS }, (_, i) => drawing(12_345 + 7_919 * i)).filter((draw) => {
        const alike = Array.from({ length: many }, (_, l) =>
          labeller(`l${l}`, { others: draw(items, share), faults: draw(Math.max(10, items / 5), share) }),
        );
        const usual = usualOf(alike);
        return alike.some((one) => signsOf(one, usual).length > 0);
      });
      expect({ share, accused: accused.length <= MOST_BY_CHANCE ? 'few' : accused.length }).toEqual({
        share,
        accused: 'few',
      });
    }
  });
});

test('short records: one that falls short of a usual 100% by what chance explains is not named', () => {
  const faultless = Array.from({ length: 11 }, (_, i) =>
    labeller(`l${i}`, { labels: 10, others: { n: i < 7 ? 10 : 9, of: 10 }, faults: { n: 0, of: 0 } }),
  );
  const few = { labels: 10, faults: { n: 0, of: 0 } };
  expect(signsAmong(labeller('x', { ...few, others: { n: 8, of: 10 } }), faultless)).toEqual([]);
  expect(signsAmong(labeller('x', { ...few, others: { n: 3, of: 10 } }), faultless)).toEqual(['disagrees']);
});

test('who always says “fine” is named by the faults that the others saw, who answers at random by all, also beside the other', () => {
  const fine = labeller('fine', { others: { n: 91, of: 120 }, faults: { n: 0, of: 29 } });
  const random = labeller('random', { others: { n: 41, of: 120 }, faults: { n: 20, of: 29 } });
  const careful = [0, 1, 2].map((i) =>
    labeller(`c${i}`, { others: { n: 112 - i, of: 120 }, faults: { n: 26 - i, of: 29 } }),
  );
  expect(signsAmong(fine, careful)).toContain('overlooks');
  expect(signsAmong(random, careful)).toContain('disagrees');
  const usual = usualOf([...careful, fine, random]);
  expect([fine, random].map((each) => signsOf(each, usual)[0])).not.toContain(undefined);
  for (const each of careful) expect(signsOf(each, usual)).toEqual([]);
});
