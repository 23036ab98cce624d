/** What a round has cost, as `round show` says it. */
import type { PricedModel, RoundCosts } from '../../db/costs/round';
import {
  forecastInWords,
  hoursInWords,
  moneyInWords,
  NO_PRICE,
  spentInWords,
  tokensInWords,
  unpricedInWords,
} from '../costs/words';
import { harmlessLine } from '../harmless';
import { count } from '../output';

export interface CostLines {
  calls: string[];
  /** Of several models, one for each that was called. */
  models: string[];
  people: string[];
  settled: string[];
}

/** Each part is empty where there is nothing to tell. */
export function costLines(costs: RoundCosts): CostLines {
  const { byModel, people, calls } = costs;
  const called = byModel.filter((one) => one.calls > 0);
  return {
    calls: called.length > 0 ? [callsLine(costs)] : [],
    models: modelLines(called, costs),
    people: peopleLine(costs),
    settled: people.money !== null || calls.money !== null ? settledLine(costs) : [],
  };
}

export function describeCosts(costs: RoundCosts): string[] {
  const { calls, models, people, settled } = costLines(costs);
  return [...calls, ...models.map((line) => `  ${line}`), ...people, ...settled];
}

function callsLine(costs: RoundCosts): string {
  const { money, tokens } = costs.calls.inFlight;
  const flying = money === null ? tokensInWords(tokens) : moneyInWords(money, costs.currency);
  const parts = [
    `calls: ${spentInWords(costs)}`,
    ...(tokens > 0 ? [`up to ${flying} in flight`] : []),
    forecastInWords(costs) ?? '',
    unpricedInWords(costs) ?? '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function modelLines(called: readonly PricedModel[], { currency, byModel }: RoundCosts): string[] {
  if (byModel.length < 2) return [];
  return called.map(({ model, calls, money, tokens }) => {
    const paid = money === null ? NO_PRICE : moneyInWords(money, currency);
    return `${harmlessLine(model)}: ${count(calls, 'call')}, ${tokensInWords(tokens)}, ${paid}`;
  });
}

function peopleLine({ people, currency }: RoundCosts): string[] {
  if (people.labellers === 0) return [];
  const pay = people.money === null ? '' : `, ${moneyInWords(people.money, currency)}`;
  return [`people: ${hoursInWords(people.hours)} of ${count(people.labellers, 'labeller')}${pay}`];
}

function settledLine({ perSettled, currency }: RoundCosts): string[] {
  if (!perSettled) return [];
  const parts = [
    [perSettled.calls, 'calls'],
    [perSettled.people, 'people'],
  ] as const;
  const known = parts.flatMap(([money, what]) => (money === null ? [] : [`${moneyInWords(money, currency)} ${what}`]));
  const total = known.length > 1 && perSettled.total !== null ? ` (${moneyInWords(perSettled.total, currency)})` : '';
  return [`for each settled item: ${known.join(', ')}${total}`];
}
