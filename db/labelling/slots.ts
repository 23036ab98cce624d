/** An item's slots. Call with the item's row locked; giving the freed slot a new place is left to the end of the act. */
import { and, eq, sql } from 'drizzle-orm';
import type { ItemId } from '../../domain/ids';
import type { SkipCode } from '../../domain/states';
import type { Tx } from '../connection';
import { givePlaces } from '../places';
import { assignments, itemArms } from '../schema';
import { touchItem } from '../touch';
import type { HeldAssignment } from './act';

export interface ItemArm {
  itemId: ItemId;
  arm: string;
}

/** Takes a slot if one is free. @returns whether it did. */
export async function takeSlot(tx: Tx, { itemId, arm }: ItemArm): Promise<boolean> {
  const taken = await tx
    .update(itemArms)
    .set({ taken: sql`${itemArms.taken} + 1` })
    .where(and(eq(itemArms.itemId, itemId), eq(itemArms.arm, arm), sql`${itemArms.taken} < ${itemArms.slots}`))
    .returning({ itemId: itemArms.itemId });
  return taken.length > 0;
}

/** Gives back the slot of an assignment that is no longer leased or submitted. */
export async function returnSlot(tx: Tx, { itemId, arm }: ItemArm): Promise<void> {
  await tx
    .update(itemArms)
    .set({ taken: sql`${itemArms.taken} - 1` })
    .where(and(eq(itemArms.itemId, itemId), eq(itemArms.arm, arm)));
}

/**
 * Ends a lease without a label and gives back its slot. The item is looked at again: a doubt may have kept it waiting for this
 * labeller, the last one who could settle it.
 */
export async function endLease(
  tx: Tx,
  held: HeldAssignment,
  ending: { state: 'released' } | { state: 'skipped'; skipCode: SkipCode },
): Promise<void> {
  await returnSlot(tx, held);
  await tx
    .update(assignments)
    .set({ ...ending, endedAt: sql`now()` })
    .where(eq(assignments.id, held.id));
  await touchItem(tx, held.item);
}

/** An open item whose slot was returned is offered anew; any other gets its place when it is opened again. Call last. */
export async function offerAgain(tx: Tx, held: HeldAssignment): Promise<void> {
  if (held.item.state === 'open') await givePlaces(tx, held.roundId, held.arm, [held.itemId]);
}
