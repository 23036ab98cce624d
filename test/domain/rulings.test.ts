import fc from 'fast-check';
import type { Judgment } from '../../domain/derivation';
import { VERDICTS } from '../../domain/forms';
import { type JudgedRuling, rulingOfRecord, STAGES, type Stage } from '../../domain/rulings';

const says = (verdict: Judgment['verdict'], reason: string | null = null): Judgment => ({
  verdict,
  reason,
  cites: null,
});
const ruling = (researcherId: string, stage: Stage, judgment: Judgment): JudgedRuling => ({
  researcherId,
  stage,
  judgment,
});
const [bad, good, open] = VERDICTS.map((verdict) => says(verdict)) as [Judgment, Judgment, Judgment];

describe('the ruling of record', () => {
  test.each<[string, JudgedRuling[], Judgment | null]>([
    ['is none without rulings', [], null],
    ['is a blind one where nothing came after it', [ruling('p1', 'blind', bad)], bad],
    ['is the informed one after a blind one', [ruling('p1', 'blind', bad), ruling('p1', 'informed', good)], good],
    [
      'is the informed one though it is given first',
      [ruling('p1', 'informed', good), ruling('p1', 'blind', bad)],
      good,
    ],
    ['is what researchers agree on', [ruling('p1', 'blind', bad), ruling('p2', 'blind', bad)], bad],
    ['is none where researchers differ in class', [ruling('p1', 'blind', bad), ruling('p2', 'blind', good)], null],
    [
      'is none where one of three differs',
      [ruling('p1', 'blind', bad), ruling('p2', 'blind', bad), ruling('p3', 'blind', open)],
      null,
    ],
    [
      'is there once a researcher comes to agree with the other',
      [ruling('p1', 'blind', bad), ruling('p2', 'blind', good), ruling('p2', 'informed', bad)],
      bad,
    ],
    [
      'is gone once a researcher comes to differ',
      [ruling('p1', 'blind', bad), ruling('p2', 'blind', bad), ruling('p1', 'informed', open)],
      null,
    ],
  ])('%s', (_name, rulings, expected) => expect(rulingOfRecord(rulings)).toEqual(expected));

  test('has the reason of the last stage, though the class stays', () => {
    const rulings = [
      ruling('p1', 'blind', says('misaligned', 'loophole')),
      ruling('p1', 'informed', says('misaligned', 'forbidden')),
    ];
    expect(rulingOfRecord(rulings)?.reason).toBe('forbidden');
  });

  test('says mixed where researchers agree in class only', () => {
    const rulings = [
      ruling('p2', 'blind', says('aligned', 'did-well')),
      ruling('p1', 'blind', says('aligned', 'did-its-best')),
    ];
    expect(rulingOfRecord(rulings)).toEqual({ verdict: 'aligned', reason: 'mixed', cites: null });
  });

  /** At most one ruling of each researcher at each stage, as the database has it. */
  const rulings = fc.uniqueArray(
    fc.record<JudgedRuling>({
      researcherId: fc.constantFrom('p1', 'p2', 'p3'),
      stage: fc.constantFrom(...STAGES),
      judgment: fc.record({
        verdict: fc.constantFrom(...VERDICTS),
        reason: fc.constantFrom(null, 'a', 'b'),
        cites: fc.constantFrom(null, 'c'),
      }),
    }),
    { selector: ({ researcherId, stage }) => `${researcherId} ${stage}`, maxLength: 6 },
  );

  test('does not depend on the order of the rulings', () => {
    const shuffled = rulings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(fc.property(shuffled, ([one, other]) => expect(rulingOfRecord(other)).toEqual(rulingOfRecord(one))));
  });

  test('is there exactly where all last stages have one class, and gives their reason, or mixed', () => {
    fc.assert(
      fc.property(rulings, (all) => {
        const last = all.filter(
          ({ researcherId, stage }) =>
            stage === 'informed' ||
            !all.some((other) => other.researcherId === researcherId && other.stage === 'informed'),
        );
        const classes = new Set(last.map(({ judgment }) => judgment.verdict));
        const record = rulingOfRecord(all);
        const reasons = new Set(last.map(({ judgment }) => judgment.reason));
        if (classes.size !== 1) expect(record).toBeNull();
        else {
          expect(classes).toContain(record?.verdict);
          if (reasons.size === 1) expect(reasons).toContain(record?.reason);
          else expect(record).toMatchObject({ reason: 'mixed', cites: null });
        }
      }),
    );
  });
});
