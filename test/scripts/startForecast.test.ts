import type { StartForecast } from '../../db/costs/start';
import { startForecast } from '../../scripts/costs/start';

const FORECAST: StartForecast = {
  calls: 60,
  currency: 'EUR',
  most: { money: 158.16, tokens: 900_000 },
  likely: { money: 73.99, tokens: 400_000, from: 'guess' },
  unlimited: [],
  budget: { money: 20, tokens: null },
};

test('what a round is going to cost is told in its currency, with its most, and where its budget does not suffice', () => {
  expect(startForecast(FORECAST)).toBe(
    'forecast: 60 calls, about 73.99 EUR (a guess: answers half as long as allowed), at most 158.16 EUR; more than its budget of 20.00 EUR: the calls are held when it is reached',
  );
});

test('without prices it is told in tokens, with what to write for money', () => {
  const said = startForecast({ ...FORECAST, currency: null, budget: null, unlimited: ['small'] });
  expect(said).toMatch(
    /about 400,000 tokens .* no limit is known \(no max_tokens: small\); in money where .*prices: \{/,
  );
});

test('given completions cost nothing', () => {
  expect(startForecast({ ...FORECAST, calls: 0 })).toBe('forecast: no paid calls, the completions are given');
});
