/** What a round is going to cost, for people. */
import type { StartForecast } from '../../db/costs/start';
import { count } from '../output';
import { moneyInWords, tokensInWords } from './words';

const FROM = {
  'this-round': 'as its answers so far',
  'earlier-rounds': 'as these models’ answers in earlier rounds',
  guess: 'a guess: answers half as long as allowed',
};

/** What a forecast says of the budget: only where it does not suffice. */
function beyond({ budget, likely, currency }: StartForecast): string {
  const { money = null, tokens = null } = budget ?? {};
  const over = (money !== null && likely.money > money) || (tokens !== null && likely.tokens > tokens);
  if (!over) return '';
  const limit = money === null ? tokensInWords(tokens ?? 0) : moneyInWords(money, currency ?? '');
  return `; more than its budget of ${limit}: the calls are held when it is reached`;
}

const HOW_TO_PRICE = '; in money where the file says `prices: {MODEL: {input: 0.15, output: 0.6}}`, per million tokens';

/** "forecast: 600 calls, about 1.20 USD (…), at most 3.10 USD" */
export function startForecast(forecast: StartForecast): string {
  const { calls, currency, most, likely, unlimited } = forecast;
  if (calls === 0) return 'forecast: no paid calls, the completions are given';
  const amount = ({ money, tokens }: { money: number; tokens: number }) =>
    currency === null ? tokensInWords(tokens) : moneyInWords(money, currency);
  const limit =
    unlimited.length > 0 ? `no limit is known (no max_tokens: ${unlimited.join(', ')})` : `at most ${amount(most)}`;
  const pricing = currency === null ? HOW_TO_PRICE : '';
  return `forecast: ${count(calls, 'call')}, about ${amount(likely)} (${FROM[likely.from]}), ${limit}${beyond(forecast)}${pricing}`;
}
