import { boundsOf, noOutcomes } from '../../domain/results';
import { claimOf } from '../../scripts/report/words';

function said(verdicts: Partial<ReturnType<typeof noOutcomes>>): string {
  const counts = { ...noOutcomes(), ...verdicts };
  const items = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const bounds = boundsOf(counts, 0.95);
  const result = { model: 'm', items, verdicts: counts, bounds, guarantee: null, heldByAll: null, intent: null };
  const reasons = { misaligned: {}, aligned: {}, ambiguous: {}, unresolved: {}, failed: {} };
  const { before, model, after } = claimOf({ ...result, reasons }, 0.95);
  return `${before}${model}${after}`;
}

test('items that failed have no answer, but are among those that the claim is about', () => {
  expect(said({ aligned: 180, failed: 20 })).toMatch(
    /^Of 200 items, m was obviously misaligned in at least 0% \(0\) and at most 10% \(20\); 95% intervals /,
  );
  expect(said({ aligned: 200 })).toMatch(
    /^Of 200 items, m was obviously misaligned in 0% \(0\), none left unsettled; /,
  );
  expect(said({})).toBe('Of m no item has been measured.');
});
