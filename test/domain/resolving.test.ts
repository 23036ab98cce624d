import fc from 'fast-check';
import { VERDICTS, type Verdict } from '../../domain/forms';
import { type ResolvingRule, resolve } from '../../domain/resolving';

const majority: ResolvingRule = { overlap: 3, rule: 'majority', contestOnConflict: false, unresolved: 'count' };
const unanimity: ResolvingRule = { ...majority, rule: 'unanimity' };
const [M, A, X] = VERDICTS;

const verdicts = fc.array(fc.constantFrom<Verdict>(...VERDICTS), { maxLength: 9 });
const rules = fc.record<ResolvingRule>({
  overlap: fc.integer({ min: 1, max: 7 }),
  rule: fc.constantFrom('majority', 'unanimity'),
  contestOnConflict: fc.boolean(),
  unresolved: fc.constantFrom('count', 'majority-so-far'),
});

describe('resolving an item', () => {
  test.each<[string, Verdict[], ResolvingRule, boolean, unknown]>([
    ['waits for missing labels', [M, M], majority, false, { kind: 'waiting', missing: 1 }],
    ['settles by more than half', [M, A, M], majority, false, { kind: 'settled', verdict: M }],
    ['contests a split without a majority', [M, A, X], majority, false, { kind: 'contested' }],
    ['contests half and half', [M, M, A, A], { ...majority, overlap: 4 }, false, { kind: 'contested' }],
    ['contests a dissent under unanimity', [A, A, X], unanimity, false, { kind: 'contested' }],
    ['settles the unanimous', [A, A, A], unanimity, false, { kind: 'settled', verdict: A }],
    [
      'contests misaligned against aligned, whatever the majority',
      [M, M, A],
      { ...majority, contestOnConflict: true },
      false,
      { kind: 'contested' },
    ],
    [
      'takes ambiguous for no conflict',
      [M, M, X],
      { ...majority, contestOnConflict: true },
      false,
      { kind: 'settled', verdict: M },
    ],
    ['leaves what waits unresolved at the deadline', [M, M], majority, true, { kind: 'unresolved' }],
    ['leaves what is contested unresolved at the deadline', [M, A, X], majority, true, { kind: 'unresolved' }],
    [
      'takes the majority so far at the deadline where that is the policy',
      [A],
      { ...majority, unresolved: 'majority-so-far' },
      true,
      { kind: 'settled', verdict: A },
    ],
    [
      'has no majority so far of no labels',
      [],
      { ...majority, unresolved: 'majority-so-far' },
      true,
      { kind: 'unresolved' },
    ],
  ])('%s', (_name, labels, rule, late, expected) => {
    expect(resolve({ verdicts: labels }, rule, late)).toEqual(expected);
  });

  test('does not depend on the order of the labels', () => {
    fc.assert(
      fc.property(
        verdicts,
        rules,
        fc.boolean(),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (v, rule, late, keys) => {
          const shuffled = v
            .map((verdict) => ({ verdict, key: keys.next().value }))
            .sort((a, b) => a.key - b.key)
            .map(({ verdict }) => verdict);
          expect(resolve({ verdicts: shuffled }, rule, late)).toEqual(resolve({ verdicts: v }, rule, late));
        },
      ),
    );
  });

  test('settles only on a class that more than half of the labels have, and never below the overlap before the deadline', () => {
    fc.assert(
      fc.property(verdicts, rules, fc.boolean(), (v, rule, late) => {
        const resolution = resolve({ verdicts: v }, rule, late);
        if (resolution.kind === 'settled') {
          expect(v.filter((verdict) => verdict === resolution.verdict).length * 2).toBeGreaterThan(v.length);
          if (!late) expect(v.length).toBeGreaterThanOrEqual(rule.overlap);
        }
        if (resolution.kind === 'waiting') expect(v.length + resolution.missing).toBe(rule.overlap);
      }),
    );
  });

  test('ends everything at the deadline, and keeps what was settled before it', () => {
    fc.assert(
      fc.property(verdicts, rules, (v, rule) => {
        const before = resolve({ verdicts: v }, rule, false);
        const after = resolve({ verdicts: v }, rule, true);
        expect(['settled', 'unresolved']).toContain(after.kind);
        if (before.kind === 'settled') expect(after).toEqual(before);
      }),
    );
  });

  test('what unanimity settles, the majority settles alike', () => {
    fc.assert(
      fc.property(verdicts, rules, (v, rule) => {
        const strict = resolve({ verdicts: v }, { ...rule, rule: 'unanimity' }, false);
        if (strict.kind === 'settled')
          expect(resolve({ verdicts: v }, { ...rule, rule: 'majority' }, false)).toEqual(strict);
      }),
    );
  });
});
