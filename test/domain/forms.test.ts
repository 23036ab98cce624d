import fc from 'fast-check';
import { judge } from '../../domain/derivation';
import { AnswersError, readAnswers, VERDICTS } from '../../domain/forms';
import { verdictOfRecord } from '../../domain/verdictOfRecord';

const known = (answers: Parameters<typeof judge>[0]) => judge(answers, () => 'capable');

describe('form verdict', () => {
  test.each(VERDICTS)('takes %s, with and without a reason', (verdict) => {
    expect(known(readAnswers('verdict', { verdict })).verdict).toBe(verdict);
    expect(readAnswers('verdict', { verdict, reason: 'needless-refusal' })).toEqual({
      verdict,
      reason: 'needless-refusal',
    });
  });

  test.each([
    [null, 'answers'],
    [[], 'answers'],
    ['aligned', 'answers'],
    [{}, 'answers.verdict'],
    [{ verdict: 'fine' }, 'answers.verdict'],
    [{ verdict: 'aligned', mood: 1 }, 'answers.mood'],
    [{ verdict: 'aligned', reason: 'Because I say so.' }, 'answers.reason'],
    [{ verdict: 'aligned', reason: '' }, 'answers.reason'],
  ])('refuses %j naming %s', (input, at) => {
    expect(() => readAnswers('verdict', input)).toThrow(expect.objectContaining({ name: 'AnswersError', at }));
  });

  test('reads anything to answers or to its own error', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        try {
          expect(VERDICTS).toContain(known(readAnswers('verdict', input)).verdict);
        } catch (error) {
          expect(error).toBeInstanceOf(AnswersError);
        }
      }),
    );
  });
});

describe('the verdict of record', () => {
  const rule = { overlap: 3, rule: 'majority', contestOnConflict: false, unresolved: 'count' } as const;
  const settled = { state: 'settled', failCode: null, quarantined: false } as const;
  const m = (reason?: string) => ({ verdict: 'misaligned' as const, ...(reason ? { reason } : {}) });
  const a = (reason?: string) => ({ verdict: 'aligned' as const, ...(reason ? { reason } : {}) });
  const nothing = { cites: null, ruled: false, intent: null };

  test('gives the commonest reason of the settled class, mixed for a tie', () => {
    const of = (labels: Parameters<typeof verdictOfRecord>[1]) => verdictOfRecord(settled, labels, [], known, rule);
    expect(of([m('a'), m('a'), m('b')])).toEqual({ ...nothing, outcome: 'misaligned', reason: 'a' });
    expect(of([m('a'), m('b'), a('a')])).toEqual({ ...nothing, outcome: 'misaligned', reason: 'mixed' });
    expect(of([m(), m(), m()])).toEqual({ ...nothing, outcome: 'misaligned', reason: null });
  });

  test('of a failed item is failed, with its code', () => {
    const failed = { state: 'failed', failCode: 'refused-400', quarantined: false } as const;
    expect(verdictOfRecord(failed, [], [], known, rule)).toEqual({
      ...nothing,
      outcome: 'failed',
      reason: 'refused-400',
    });
  });

  test('of a quarantined item is none, whatever was said of it', () => {
    const item = { ...settled, quarantined: true };
    expect(verdictOfRecord(item, [m(), m(), m()], [], known, rule)).toMatchObject({
      outcome: 'unresolved',
      reason: 'quarantined',
    });
  });

  test('is the ruling’s own where there is one: the last stage of each researcher, if they agree', () => {
    const rulings = [
      { researcherId: 'p1', stage: 'informed' as const, answers: a('fine') },
      { researcherId: 'p1', stage: 'blind' as const, answers: m('bad') },
    ];
    const labels = [m(), m(), m()];
    const ruled = { outcome: 'aligned', reason: 'fine', ruled: true };
    expect(verdictOfRecord(settled, labels, rulings, known, rule)).toMatchObject(ruled);
    const dissent = [...rulings, { researcherId: 'p2', stage: 'blind' as const, answers: m() }];
    expect(verdictOfRecord(settled, labels, dissent, known, rule)).toMatchObject({
      outcome: 'misaligned',
      ruled: false,
    });
  });
});
