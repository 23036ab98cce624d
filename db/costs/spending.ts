/** What a round's calls have cost, what is likely by the end, and how that stands to its budget. */
import { type Budget, type Cost, toBillionths, USUAL_CURRENCY } from '../../domain/money';
import type { Tx } from '../connection';
import type { RoundRow } from '../rounds/read';
import { type CallForecast, forecastOfRest, type ModelCost } from './calls';

/** `money` is null where no model of the round that is called has a price. */
export interface CallCost {
  money: number | null;
  tokens: number;
}

export interface Spending {
  /** ISO 4217. */
  currency: string;
  /** Calls under way count with the most that they can cost; `inFlight` is that part. */
  calls: CallCost & { inFlight: CallCost };
  /** Models that are called and have no price: what they cost is not in the money. */
  unpriced: string[];
  /** null: the round may spend what it takes. */
  budget: Budget | null;
  /** null: nothing is left to be generated, or it is not known yet what. */
  forecast: Forecast | null;
}

/** `atEnd`: what is spent and the rest together. */
export interface Forecast extends CallCost, Pick<CallForecast, 'from'> {
  atEnd: CallCost;
}

/** @param costs of every model of the round. */
export async function spendingOf(tx: Tx, round: RoundRow, costs: readonly ModelCost[]): Promise<Spending> {
  const { spec, settings, status, drawnAt } = round;
  const called = new Set(spec.models.flatMap(({ id, accountId }) => (accountId === null ? [] : [id])));
  const unpriced = costs.filter(({ model, priced }) => called.has(model) && !priced).map(({ model }) => model);
  const known = unpriced.length < called.size;
  const shown = ({ money, tokens }: Cost): CallCost => ({
    money: known ? toBillionths(money) : null,
    tokens: Math.round(tokens),
  });
  const [spent, inFlight] = [sumOf(costs), sumOf(costs.map((cost) => cost.inFlight))];
  const left = costs.filter(({ model, pending }) => pending > 0 && called.has(model));
  const { budget, currency = USUAL_CURRENCY } = settings;
  const result = { currency, calls: { ...shown(spent), inFlight: shown(inFlight) }, unpriced, budget: budget ?? null };
  if (left.length === 0 || status !== 'running' || drawnAt === null) return { ...result, forecast: null };
  const rest = await forecastOfRest(tx, round, left);
  const atEnd = {
    money: spent.money - inFlight.money + rest.money,
    tokens: spent.tokens - inFlight.tokens + rest.tokens,
  };
  return { ...result, forecast: { ...shown(rest), from: rest.from, atEnd: shown(atEnd) } };
}

function sumOf(costs: readonly Cost[]): Cost {
  return costs.reduce((sum, { money, tokens }) => ({ money: sum.money + money, tokens: sum.tokens + tokens }), {
    money: 0,
    tokens: 0,
  });
}
