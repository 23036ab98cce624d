/** What a changed budget, or a changed price, is checked for before it is kept. */
import type { RoundId } from '../../domain/ids';
import { ProblemsError } from '../../domain/problems';
import { type RunSettings, unpricedModels } from '../../domain/spec';
import { canonicalJson, type Json } from '../../domain/text';
import type { Tx } from '../connection';
import { budgetLeavesRoom, releaseHold, spentOf } from '../generation/budget';
import { type RoundRow, readRound } from './read';

export interface SettingChange {
  setting: string;
  from: Json;
  to: Json;
}

export function isChange({ from, to }: SettingChange): boolean {
  return canonicalJson(from) !== canonicalJson(to);
}

/** A budget in money without prices would never be reached. */
export function refuseUnpriced(spec: RoundRow['spec'], settings: RunSettings, changes: readonly SettingChange[]): void {
  if (!changes.some((change) => change.setting === 'budget.money' && isChange(change))) return;
  const unpriced = unpricedModels(spec, settings);
  if (unpriced.length === 0) return;
  const message = `needs a price for ${unpriced.join(', ')}`;
  const hint = `give it in the same command, per million tokens: prices.${unpriced[0]}.input=0.15 prices.${unpriced[0]}.output=0.6; or set budget.tokens`;
  throw ProblemsError.of({ kind: 'unpriced', message, hint, at: 'budget.money' });
}

/** @returns whether the round, which held its calls for want of a budget, makes calls again. */
export async function checkBudget(
  tx: Tx,
  { id, heldCode }: RoundRow,
  changes: readonly SettingChange[],
): Promise<boolean> {
  const concerned = changes.filter((change) => /^(budget|prices)\b/.test(change.setting) && isChange(change));
  if (concerned.length === 0) return false;
  const room = await budgetLeavesRoom(tx, id);
  for (const { setting, to } of concerned.filter(({ setting: one }) => one.startsWith('budget'))) {
    await refuseTooSmall(tx, id, setting, to, room);
  }
  return room && heldCode === 'budget' && (await releaseHold(tx, id));
}

async function refuseTooSmall(tx: Tx, id: RoundId, at: string, to: Json, room: boolean): Promise<void> {
  if (typeof to !== 'number') return;
  const { currency = '' } = (await readRound(tx, id)).settings;
  const { money, tokens, inFlight } = await spentOf(tx, id);
  const ofMoney = at === 'budget.money';
  const spent = ofMoney ? money - inFlight.money : tokens - inFlight.tokens;
  if (room && spent <= to) return;
  const shown = `${spent} ${ofMoney ? currency : 'tokens'}`.trim();
  const message =
    spent > to ? `is less than what is spent: ${shown}` : `leaves no room for another call: ${shown} are spent`;
  const hint = 'set a larger one, or let the round stand still: plumbline round pause';
  throw ProblemsError.of({ kind: 'budget', message, hint, at });
}
