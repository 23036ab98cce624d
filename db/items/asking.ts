/** Whether anybody is left who may give an item one more label: else a doubt would leave it waiting for nobody. */
import { sql } from 'drizzle-orm';
import type { ItemId } from '../../domain/ids';
import type { Tx } from '../connection';
import type { RoundRow } from '../rounds/read';
import { mayLabel } from '../rounds/starved';

/** @returns those of the items that some labeller may still be asked about, or is at work on. */
export async function whoMayStillBeAsked(tx: Tx, round: RoundRow, ids: readonly ItemId[]): Promise<Set<ItemId>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.execute<{ id: ItemId }>(sql`
    select i.id from items i
    where i.id in (select id::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb) as ids(id))
      and (exists (select 1 from assignments a where a.item_id = i.id and a.state = 'leased')
        or exists (${mayLabel(round)}))`);
  return new Set(rows.map((row) => row.id));
}
