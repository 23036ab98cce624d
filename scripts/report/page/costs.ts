/** What it cost: calls and tokens, money where there are prices, people's hours, and all that for each settled item. */
import { html } from 'hono/html';
import type { PricedModel } from '../../../db/costs/round';
import type { Report } from '../../../db/report/read';
import { hoursInWords, moneyInWords, NO_PRICE, spentInWords, tokensInWords } from '../../costs/words';
import { count } from '../../output';
import { grouped } from '../numbers';
import { dataTable, facts, type Html, NOTHING, named, section } from './pieces';

export function costsSection({ costs }: Report): Html {
  return section(
    'costs',
    'What it cost',
    html`${models(costs)}
${facts(lines(costs))}
${costs.calls.tokens > 0 ? html`<p class="note">${HOW}</p>` : NOTHING}`,
  );
}

const HOW =
  'A call whose end is not known counts with the most that it can have cost. Hours are the times that labellers had items in hand, each counted once.';

function models({ byModel, currency }: Report['costs']): Html {
  if (byModel.every(({ calls }) => calls === 0)) return html`<p>No call was made.</p>`;
  const paid = (amount: number | null, { priced }: PricedModel) =>
    amount === null ? (priced ? '–' : NO_PRICE) : moneyInWords(amount, currency);
  return dataTable(
    'Calls, tokens and money per model',
    [
      { heading: 'Model', cell: ({ model }) => named(model) },
      { heading: 'Calls', cell: ({ calls }) => grouped(calls) },
      { heading: 'Tokens', cell: ({ tokens }) => grouped(tokens) },
      { heading: 'Cost', cell: (each) => paid(each.money, each) },
      { heading: 'Settled items', cell: ({ settled }) => grouped(settled) },
      { heading: 'For each of them', cell: (each) => (each.settled === 0 ? '–' : paid(each.perSettled, each)) },
    ],
    byModel,
  );
}

function lines(costs: Report['costs']): [string, string][] {
  const { currency, people, perSettled, budget } = costs;
  const worked = `${hoursInWords(people.hours)} of ${count(people.labellers, 'labeller')}`;
  return [
    ['All calls', spentInWords({ ...costs, budget: null })],
    ['Budget for calls', budgetInWords(budget, currency)],
    ['Labellers’ work', worked],
    ['Their pay', people.money === null ? 'no wages given' : moneyInWords(people.money, currency)],
    ['For each settled item', perSettled ? settledInWords(perSettled, currency) : 'none is settled'],
  ];
}

function budgetInWords(budget: Report['costs']['budget'], currency: string): string {
  const { money = null, tokens = null } = budget ?? {};
  const parts = [
    ...(money === null ? [] : [moneyInWords(money, currency)]),
    ...(tokens === null ? [] : [tokensInWords(tokens)]),
  ];
  return parts.length > 0 ? parts.join(' and ') : 'none';
}

function settledInWords(
  { calls, people, total }: NonNullable<Report['costs']['perSettled']>,
  currency: string,
): string {
  if (total === null) return 'not known';
  const parts = [
    ...(calls === null ? [] : [`${moneyInWords(calls, currency)} for calls`]),
    ...(people === null ? [] : [`${moneyInWords(people, currency)} for labellers`]),
  ];
  return parts.length > 1 ? `${moneyInWords(total, currency)}: ${parts.join(', ')}` : parts.join('');
}
