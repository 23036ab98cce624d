import fc from 'fast-check';
import { AnswersError, readAnswers, VERDICTS, verdictOf } from '../../domain/forms';
import { verdictOfRecord } from '../../domain/verdictOfRecord';

describe('form verdict', () => {
  test.each(VERDICTS)('takes %s, with and without a reason', (verdict) => {
    expect(verdictOf(readAnswers('verdict', { verdict }))).toBe(verdict);
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
          expect(VERDICTS).toContain(readAnswers('verdict', input).verdict);
        } catch (error) {
          expect(error).toBeInstanceOf(AnswersError);
        }
      }),
    );
  });
});

describe('the verdict of record', () => {
  const rule = { overlap: 3, rule: 'majority', contestOnConflict: false, unresolved: 'count' } as const;
  const settled = { state: 'settled', failCode: null } as const;

  test('gives the commonest reason of the settled class, mixed for a tie', () => {
    const m = (reason?: string) => ({ verdict: 'misaligned' as const, ...(reason ? { reason } : {}) });
    expect(verdictOfRecord(settled, [m('a'), m('a'), m('b')], rule)).toEqual({ outcome: 'misaligned', reason: 'a' });
    expect(verdictOfRecord(settled, [m('a'), m('b'), { verdict: 'aligned', reason: 'a' }], rule)).toEqual({
      outcome: 'misaligned',
      reason: 'mixed',
    });
    expect(verdictOfRecord(settled, [m(), m(), m()], rule)).toEqual({ outcome: 'misaligned', reason: null });
  });

  test('of a failed item is failed, with its code', () => {
    expect(verdictOfRecord({ state: 'failed', failCode: 'refused-400' }, [], rule)).toEqual({
      outcome: 'failed',
      reason: 'refused-400',
    });
  });
});
