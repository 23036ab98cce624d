import type { Spending } from '../../db/costs/spending';
import {
  budgetShare,
  forecastInWords,
  largerBudget,
  moneyInWords,
  spentInWords,
  tokensInWords,
} from '../../scripts/costs/words';

test('money has its currency and two digits, four where it is small, and thousands apart', () => {
  expect([0, 3.206, 0.1, 0.0999, 0.0042, 0.000_001, 1234567.5].map((amount) => moneyInWords(amount, 'EUR'))).toEqual([
    '0.00 EUR',
    '3.21 EUR',
    '0.10 EUR',
    '0.0999 EUR',
    '0.0042 EUR',
    '<0.0001 EUR',
    '1,234,567.50 EUR',
  ]);
  expect([1, 1234567].map(tokensInWords)).toEqual(['1 token', '1,234,567 tokens']);
});

const spending: Spending = {
  currency: 'USD',
  calls: { money: 3.5, tokens: 5_000, inFlight: { money: 0.29, tokens: 1_000 } },
  unpriced: [],
  budget: { money: 10, tokens: 8_000 },
  forecast: { money: 5, tokens: 1, from: 'this-round', atEnd: { money: 8.4, tokens: 7_000 } },
};

test('what is spent stands beside its budget without what is in flight; the nearer limit is the share', () => {
  expect(spentInWords(spending)).toBe('3.21 of 10.00 USD, 4,000 of 8,000 tokens');
  expect(budgetShare(spending)).toBe(0.5);
  expect(forecastInWords(spending)).toBe('about 8.40 USD at the end');
  expect(spentInWords({ ...spending, budget: null })).toBe('3.21 USD, 4,000 tokens');
  expect(budgetShare({ ...spending, budget: null })).toBeNull();
  expect(budgetShare({ ...spending, budget: { money: 0, tokens: null } })).toBe(1);
});

test('a forecast beyond the budget says so; without a price it is of tokens', () => {
  const tight = { ...spending, budget: { money: 8, tokens: null } };
  expect(forecastInWords(tight)).toBe('about 8.40 USD at the end, more than its budget');
  const atEnd = { money: null, tokens: 7_000 };
  const unpriced = { ...spending, forecast: { money: null, tokens: 1, from: 'guess' as const, atEnd } };
  expect(forecastInWords(unpriced)).toBe('about 7,000 tokens at the end');
});

test('a larger budget is twice as much, or a quarter more than what is expected where that is beyond it', () => {
  expect(largerBudget({ money: 10, tokens: null })).toBe('budget.money=20');
  expect(largerBudget({ money: 1, tokens: null }, { money: 2.3, tokens: 1 })).toBe('budget.money=2.9');
  expect(largerBudget({ money: 1, tokens: null }, { money: 1.9, tokens: 1 })).toBe('budget.money=2');
  expect(largerBudget({ money: 0.001, tokens: null }, { money: 0.0123, tokens: 1 })).toBe('budget.money=0.016');
  expect(largerBudget({ money: null, tokens: 1_000 }, { money: null, tokens: 123_456 })).toBe('budget.tokens=160000');
});
