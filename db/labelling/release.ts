/** Calling in all leases of a round that is called off. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';

/**
 * Ends every lease of the round and returns its slot; nothing is offered anew. Call in the transaction that cancels the
 * round. @returns how many were released.
 */
export async function releaseLeases(tx: Tx, roundId: RoundId): Promise<number> {
  await tx.execute(sql`
    select id from items
    where id in (select item_id from assignments where round_id = ${roundId} and state = 'leased')
    order by id for no key update`);
  const released = await tx.execute<{ n: number }>(sql`
    with released as (
      update assignments set state = 'released', ended_at = now()
      where round_id = ${roundId} and state = 'leased'
      returning item_id, arm),
    per_item as (select item_id, arm, count(*)::int as n from released group by item_id, arm)
    update item_arms a set taken = a.taken - per_item.n from per_item
    where a.item_id = per_item.item_id and a.arm = per_item.arm
    returning per_item.n`);
  return released.reduce((sum, row) => sum + row.n, 0);
}
