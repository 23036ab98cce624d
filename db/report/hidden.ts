/**
 * Items that a report must not show: those in quarantine, in whatever round, and all that have a text in common with them; and
 * those whose text was redacted, of which nothing is left to show.
 */
import { sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';

/**
 * Of a round: by the hashes of what the models were sent, what they said in earlier turns, and what they said last; each of
 * one item's against each of the other's. The quarantine of any round counts: a text is as bad in this one. Read once for a
 * report: every item costs a look at a set in memory, so that neither the round's size nor the quarantine's matters.
 */
export async function hiddenItems(tx: Tx, roundId: RoundId): Promise<ReadonlySet<ItemId>> {
  const rows = await tx.execute<{ id: ItemId }>(sql`
    with taken as materialized (
      select id, prompt_id, completion_hash from items where quarantined_at is not null),
    hidden as materialized (
      select completion_hash as hash from taken where completion_hash is not null
      union select t.completion_hash from taken join item_turns t on t.item_id = taken.id
      union select p.messages_hash from taken join prompts p on p.id = taken.prompt_id)
    select i.id from items i join prompts p on p.id = i.prompt_id
    where i.round_id = ${roundId} and (i.redacted_at is not null or p.messages_hash in (select hash from hidden)
      or i.completion_hash in (select hash from hidden)
      or exists (select 1 from item_turns t where t.item_id = i.id and t.completion_hash in (select hash from hidden)))`);
  return new Set(rows.map(({ id }) => id));
}
