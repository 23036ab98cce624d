/** Items that came to be though their text was redacted before: drawn from a set that is stored, or answered with it again. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';

/** Of an item that cannot be generated any more. */
export const REDACTED = 'redacted';

/** A redaction holds it alone; who lets items be generated or served shares it, so that neither misses the other's rows. */
export const lockRedactions = sql`select pg_advisory_xact_lock(hashtext('plumbline redaction'))`;
const shareRedactions = sql`select pg_advisory_xact_lock_shared(hashtext('plumbline redaction'))`;

/**
 * Ends a shard's items of redacted texts: what has no completion fails, what is not open yet is unresolved. Call in the
 * transaction that opens the shard, and before its prompts are read to be sent.
 */
export async function withholdRedacted(tx: Tx, roundId: RoundId, shard: number): Promise<void> {
  await tx.execute(shareRedactions);
  await tx.execute(sql`
    with erased as materialized (select hash from texts where redacted_at is not null),
    found as materialized (
      select i.id from items i join prompts p on p.id = i.prompt_id
      where (select true from erased limit 1)
        and i.round_id = ${roundId} and i.shard = ${shard} and i.state in ('pending', 'generated')
        and exists (select 1 from erased t where t.hash in (p.messages_hash, i.completion_hash)
          or t.hash in (select s.completion_hash from item_turns s where s.item_id = i.id))),
    held as (select id from items where id in (select id from found) order by id for no key update)
    update items set redacted_at = now(), ${endUnopened} where id in (select id from held) and state in ('pending', 'generated')`);
}

/** What becomes of an item that nobody has seen yet. */
export const endUnopened = sql`
  state = case when state = 'pending' then 'failed' else 'unresolved' end,
  fail_code = case when state = 'pending' then ${REDACTED}::text end`;
