/** What a round is going to cost, for people. */
import type { StartForecast } from '../../db/costs/start';
import { count } from '../output';
import { moneyInWords, tokensInWords } from './words';

const FROM = {
  'this-round': 'as its answers so far',
  'earlier-rounds': 'as these models’ answers in earlier rounds',
  guess: 'a guess: answers half as long as allowed',
};

/** "forecast: 600 calls, about 1.20 USD (…), at most 3.10 USD" */
export function startForecast({ calls, currency, most, likely, unlimited }: StartForecast): string {
  if (calls === 0) return 'forecast: no paid calls, the completions are given';
  const amount = ({ money, tokens }: { money: number; tokens: number }) =>
    currency === null ? tokensInWords(tokens) : moneyInWords(money, currency);
  const limit =
    unlimited.length > 0 ? `no limit is known (no max_tokens: ${unlimited.join(', ')})` : `at most ${amount(most)}`;
  return `forecast: ${count(calls, 'call')}, about ${amount(likely)} (${FROM[likely.from]}), ${limit}`;
}
