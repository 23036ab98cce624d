/** The queue's places. Called last in a transaction: the round's counter row is the last lock, held to commit. */
import { sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../domain/ids';
import type { Tx } from './connection';
import { places } from './schema';

const ROWS_PER_INSERT = 1_000;

/** Gives each item a new place at the end of the round's queue, in the order given. */
export async function givePlaces(tx: Tx, roundId: RoundId, arm: string, itemIds: readonly ItemId[]): Promise<void> {
  if (itemIds.length === 0) return;
  const [counter] = await tx.execute<{ last_place: string }>(
    sql`update round_counters set last_place = last_place + ${itemIds.length} where round_id = ${roundId} returning last_place`,
  );
  if (!counter) throw new Error(`round ${roundId} has no counter`);
  const first = Number(counter.last_place) - itemIds.length + 1;
  const rows = itemIds.map((itemId, i) => ({ roundId, arm, place: first + i, itemId }));
  for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
    await tx.insert(places).values(rows.slice(i, i + ROWS_PER_INSERT));
  }
}
