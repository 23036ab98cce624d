/** How far researchers agree where more than one of them ruled on an item, neither knowing of labels or of the other. */
import { and, eq, sql } from 'drizzle-orm';
import type { Verdict } from '../../domain/forms';
import type { ItemId } from '../../domain/ids';
import { judgeOf } from '../../domain/judging';
import type { Tx } from '../connection';
import { judgingGround } from '../judging';
import type { RoundRow } from '../rounds/read';
import { items, rulings } from '../schema';

export interface RulingAgreement {
  /** Items with blind rulings of two researchers or more. */
  twice: number;
  /** Those among them on which the blind rulings come to one class. */
  agreed: number;
}

/** By the round's manual and its present capability table. */
export async function rulingAgreement(
  tx: Tx,
  round: Pick<RoundRow, 'id' | 'spec' | 'capabilityTable' | 'createdAt'>,
): Promise<RulingAgreement> {
  const twice = sql`${rulings.itemId} in (
    select item_id from rulings where round_id = ${round.id} and stage = 'blind' group by item_id having count(*) > 1)`;
  const rows = await tx
    .select({ itemId: rulings.itemId, modelId: items.modelId, answers: rulings.answers })
    .from(rulings)
    .innerJoin(items, eq(items.id, rulings.itemId))
    .where(and(eq(rulings.roundId, round.id), eq(rulings.stage, 'blind'), twice));
  const judge = judgeOf(await judgingGround(tx, round));
  const classes = new Map<ItemId, Set<Verdict>>();
  for (const { itemId, modelId, answers } of rows) {
    const { verdict } = judge(modelId, answers);
    classes.set(itemId, (classes.get(itemId) ?? new Set()).add(verdict));
  }
  const agreed = [...classes.values()].filter(({ size }) => size === 1).length;
  return { twice: classes.size, agreed };
}
