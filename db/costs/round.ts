/** All that a round has cost: its calls, model by model, people's hours, and both for each item that is settled. */
import { toBillionths } from '../../domain/money';
import type { Tx } from '../connection';
import type { RoundRow } from '../rounds/read';
import { type ModelCost, modelCosts } from './calls';
import { type PeopleCosts, peopleCosts } from './people';
import { type CallCost, type Spending, spendingOf } from './spending';

export interface RoundCosts extends Spending {
  byModel: PricedModel[];
  people: PeopleCosts;
  /** Money for each settled item; null where nothing is settled, each part where it is not known. */
  perSettled: { calls: number | null; people: number | null; total: number | null } | null;
}

/** `money` is null where the model has no price, or is not called. */
export interface PricedModel extends Omit<ModelCost, 'money' | 'inFlight'>, CallCost {
  inFlight: CallCost;
  /** Of its calls, for each of its settled items. */
  perSettled: number | null;
}

export async function roundCosts(tx: Tx, round: RoundRow): Promise<RoundCosts> {
  const costs = await modelCosts(tx, round.id, round.spec, round.settings);
  const spending = await spendingOf(tx, round, costs);
  const people = await peopleCosts(tx, round);
  const settled = costs.reduce((sum, each) => sum + each.settled, 0);
  const calls = spending.calls.money;
  const known = [calls, people.money].filter((money) => money !== null);
  const total = known.length > 0 ? known.reduce((sum, money) => sum + money, 0) : null;
  const each = { calls: share(calls, settled), people: share(people.money, settled), total: share(total, settled) };
  return { ...spending, byModel: costs.map(priced), people, perSettled: settled > 0 ? each : null };
}

function priced({ money, inFlight, ...cost }: ModelCost): PricedModel {
  const known = cost.priced ? money : null;
  return {
    ...cost,
    money: known,
    inFlight: { ...inFlight, money: cost.priced ? inFlight.money : null },
    perSettled: share(known, cost.settled),
  };
}

function share(money: number | null, of: number): number | null {
  return money === null || of === 0 ? null : toBillionths(money / of);
}
