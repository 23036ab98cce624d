/** Money, tokens and hours as people read them. */
import type { CallCost, Spending } from '../../db/costs/spending';
import type { Budget } from '../../domain/money';
import { grouped, listed } from '../report/numbers';

export const NO_PRICE = 'no price given';

/** Below this two digits say too little. */
const SMALL = 0.1;

/** "3.21 USD", "1,234.50 USD"; four digits below a tenth: "0.0042 USD". */
export function moneyInWords(amount: number, currency: string): string {
  return `${amountOf(amount)} ${currency}`;
}

export function amountOf(amount: number): string {
  const small = Math.abs(amount) < SMALL && amount !== 0;
  if (small && Math.abs(amount) < 0.000_05) return amount > 0 ? '<0.0001' : '>-0.0001';
  const [whole = '', cents = ''] = amount.toFixed(small ? 4 : 2).split('.');
  return `${grouped(Number(whole))}.${cents}`;
}

/** "1,234,567 tokens" */
export function tokensInWords(tokens: number): string {
  return `${grouped(Math.round(tokens))} token${Math.round(tokens) === 1 ? '' : 's'}`;
}

export function hoursInWords(hours: number): string {
  return `${hours.toFixed(2)} h`;
}

/** Without what calls under way have reserved. */
export function settledOf({ calls }: Pick<Spending, 'calls'>): CallCost {
  const { money, tokens, inFlight } = calls;
  return { money: money === null ? null : money - (inFlight.money ?? 0), tokens: tokens - inFlight.tokens };
}

/** "3.21 of 10.00 USD, 4,000 of 9,000 tokens"; without a budget "3.21 USD, 4,000 tokens". */
export function spentInWords(spending: Spending): string {
  const { money, tokens } = settledOf(spending);
  const { currency, budget } = spending;
  const limit = (most: number | null | undefined, word: (n: number) => string) =>
    most === null || most === undefined ? '' : ` of ${word(most)}`;
  const parts = [
    ...(money === null ? [] : [`${amountOf(money)}${limit(budget?.money, amountOf)} ${currency}`]),
    budget?.tokens ? `${grouped(tokens)} of ${tokensInWords(budget.tokens)}` : tokensInWords(tokens),
  ];
  return parts.join(', ');
}

/** A setting that leaves room: twice as much, or more where more than that is expected. */
export function largerBudget(budget: Budget | null, atEnd?: CallCost): string {
  const { money = null, tokens = null } = budget ?? {};
  if (money === null) return `budget.tokens=${enough(tokens ?? 0, atEnd?.tokens)}`;
  return `budget.money=${enough(money, atEnd?.money)}`;
}

/** A quarter above what is expected, in two digits: prices and lengths vary. */
function enough(most: number, expected: number | null | undefined): number {
  if (!expected || expected <= 2 * most) return 2 * most;
  const wide = expected * 1.25;
  const unit = 10 ** (Math.floor(Math.log10(wide)) - 1);
  return Number((Math.ceil(wide / unit) * unit).toPrecision(2));
}

/** undefined: nothing is left. */
export function forecastInWords({ forecast, currency, budget }: Spending): string | undefined {
  if (!forecast) return undefined;
  const { money, tokens } = forecast.atEnd;
  const amount = money === null ? tokensInWords(tokens) : moneyInWords(money, currency);
  return `about ${amount} at the end${beyond(budget, forecast.atEnd) ? ', more than its budget' : ''}`;
}

function beyond(budget: Budget | null, { money, tokens }: CallCost): boolean {
  const { money: most = null, tokens: mostTokens = null } = budget ?? {};
  return (most !== null && (money ?? 0) > most) || (mostTokens !== null && tokens > mostTokens);
}

/** How much of its budget a round has spent, 0 to 1: of the limit that is nearer; null where there is none. */
export function budgetShare(spending: Spending): number | null {
  const { money, tokens } = settledOf(spending);
  const of = (spent: number, most: number | null | undefined) =>
    most === null || most === undefined ? [] : [most > 0 ? spent / most : 1];
  const shares = [...of(money ?? 0, spending.budget?.money), ...of(tokens, spending.budget?.tokens)];
  return shares.length === 0 ? null : Math.max(...shares);
}

/** undefined: every model that is called has a price, or none has. */
export function unpricedInWords({ calls, unpriced }: Pick<Spending, 'calls' | 'unpriced'>): string | undefined {
  if (unpriced.length === 0) return undefined;
  return calls.money === null ? NO_PRICE : `without ${listed(unpriced)}: ${NO_PRICE}`;
}
