/** The queue's places. Called last in a transaction: the round's counter row is the last lock, held to commit. */
import { sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../domain/ids';
import type { Tx } from './connection';
import { prepared } from './prepared';

/** Gives each item a new place at the end of the round's queue, in the order given. */
export async function givePlaces(tx: Tx, roundId: RoundId, arm: string, itemIds: readonly ItemId[]): Promise<void> {
  if (itemIds.length === 0) return;
  const [counter] = await tx.execute<{ last_place: string }>(
    sql`update round_counters set last_place = last_place + ${itemIds.length} where round_id = ${roundId} returning last_place`,
  );
  if (!counter) throw new Error(`round ${roundId} has no counter`);
  const first = Number(counter.last_place) - itemIds.length;
  await prepared(
    tx,
    'give places',
    sql`
    insert into places (round_id, arm, place, item_id)
    select ${roundId}, ${arm}, ${first}::bigint + nth, id::uuid
    from jsonb_array_elements_text(${JSON.stringify(itemIds)}::text::jsonb) with ordinality as ids(id, nth)`,
  );
}
