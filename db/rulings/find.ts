/** Which item was meant: its id, or the beginning of one. */
import { asc, eq, sql } from 'drizzle-orm';
import type { FormName } from '../../domain/forms';
import { type ItemId, isUuid, type RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { items, rounds } from '../schema';

export interface FoundItem {
  itemId: ItemId;
  roundId: RoundId;
  form: FormName;
}

const LOWEST = '00000000-0000-0000-0000-000000000000';
const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const SHORTEST = 8;

/** @returns the items whose ids begin so, two at most; none for a text with which no id of an item begins. */
export async function findItems(tx: Tx, beginning: string): Promise<FoundItem[]> {
  const given = beginning.toLowerCase();
  const lowest = given + LOWEST.slice(given.length);
  if (given.length < SHORTEST || !isUuid(lowest)) return [];
  // Ids compare like their texts, so that a beginning is a range, which the index finds.
  const highest = given + HIGHEST.slice(given.length);
  return tx
    .select({ itemId: items.id, roundId: items.roundId, form: rounds.form })
    .from(items)
    .innerJoin(rounds, eq(rounds.id, items.roundId))
    .where(sql`${items.id} between ${lowest}::uuid and ${highest}::uuid`)
    .orderBy(asc(items.id))
    .limit(2);
}
