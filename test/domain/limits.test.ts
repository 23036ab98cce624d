import fc from 'fast-check';
import { cut, FAILURES_TO_PARK, fairShares, grown, parkedForMs } from '../../domain/limits';
import { costOf, fits, mostOf } from '../../domain/money';

test('a cut leaves four fifths, and at least one call', () => {
  expect([100, 10, 2, 1].map(cut)).toEqual([80, 8, 1, 1]);
});

test('growing is slow and ends at the ceiling', () => {
  expect([1, 10, 100, 99].map((limit) => grown(limit, 100))).toEqual([2, 11, 100, 100]);
});

test('fair shares are max-min fair: a smaller share belongs to whoever wants no more, and nothing is left unused', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 200 }),
      fc.array(fc.nat(60), { minLength: 1, maxLength: 8 }),
      (limit, wanted) => {
        const shares = fairShares(limit, wanted);
        const total = shares.reduce((sum, share) => sum + share, 0);
        expect(total).toBe(
          Math.min(
            limit,
            wanted.reduce((sum, want) => sum + want, 0),
          ),
        );
        const largest = Math.max(...shares);
        shares.forEach((share, i) => {
          expect(share).toBeLessThanOrEqual(wanted[i] ?? 0);
          if (share < (wanted[i] ?? 0)) expect(share).toBeGreaterThanOrEqual(largest - 1);
        });
      },
    ),
  );
});

test('a parked model is looked at ever more rarely', () => {
  const waits = [0, 1, 2, 50].map((more) => parkedForMs(FAILURES_TO_PARK + more) / 1_000);
  expect(waits).toEqual([10, 20, 40, 600]);
});

test('a call costs its tokens by the million, and never more than what is reserved for it', () => {
  const price = { input: 0.15, output: 0.6, call: 0.001 };
  expect(costOf(price, 1_000_000, 500_000)).toEqual({ money: 0.451, tokens: 1_500_000 });
  expect(costOf(undefined, 10, 20)).toEqual({ money: 0, tokens: 30 });
  fc.assert(
    fc.property(fc.string(), fc.nat(5_000), (text, maxTokens) => {
      const sent = Buffer.byteLength(text);
      const most = mostOf(price, { sent, messages: 1, maxTokens });
      // No tokenizer makes more tokens than there are bytes.
      expect(most.money).toBeGreaterThanOrEqual(costOf(price, sent, maxTokens).money);
    }),
  );
});

test('what fits in a budget fits in both its parts, to the last billionth', () => {
  const spent = { money: 0.1 + 0.2, tokens: 90 };
  expect(fits({ money: 0.4, tokens: null }, spent, { money: 0.1, tokens: 1e9 })).toBe(true);
  expect(fits({ money: null, tokens: 100 }, spent, { money: 0, tokens: 11 })).toBe(false);
  expect(fits(undefined, spent, { money: 1e9, tokens: 1e9 })).toBe(true);
});
