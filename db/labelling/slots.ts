/** An item's slots. Call with the item's row locked; giving the freed slot a new place is left to the end of the act. */
import { and, eq, sql } from 'drizzle-orm';
import type { ItemId } from '../../domain/ids';
import type { Tx } from '../connection';
import { givePlaces } from '../places';
import { itemArms } from '../schema';
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

/** An open item whose slot was returned is offered anew; any other gets its place when it is opened again. Call last. */
export async function offerAgain(tx: Tx, held: HeldAssignment): Promise<void> {
  if (held.item.state === 'open') await givePlaces(tx, held.roundId, held.arm, [held.itemId]);
}
