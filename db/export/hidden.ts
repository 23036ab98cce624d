/** Texts that are in no archive: those of quarantined items, in whatever round, and those that were erased. */
import { type SQL, sql } from 'drizzle-orm';

/**
 * Hashes of all that belongs to quarantined items: what their models were sent and said, and what people wrote about them.
 * Whoever else said the same word for word loses it too.
 */
export const QUARANTINED: SQL = sql`
  select p.messages_hash as hash from items i join prompts p on p.id = i.prompt_id where i.quarantined_at is not null
  union select p.completion_hash from items i join prompts p on p.id = i.prompt_id
    where i.quarantined_at is not null and p.completion_hash is not null
  union select i.completion_hash from items i where i.quarantined_at is not null and i.completion_hash is not null
  union select t.completion_hash from items i join item_turns t on t.item_id = i.id where i.quarantined_at is not null
  union select c.completion_hash from items i join generation_calls c on c.item_id = i.id
    where i.quarantined_at is not null and c.completion_hash is not null
  union select l.note_hash from items i join labels l on l.item_id = i.id
    where i.quarantined_at is not null and l.note_hash is not null
  union select g.why_hash from items i join rulings g on g.item_id = i.id
    where i.quarantined_at is not null and g.why_hash is not null`;

/** Hashes that the round's files name. @param id of the round. */
export function textsOfRound(id: string): SQL {
  const prompts = sql`prompts where id in (select prompt_id from items where round_id = ${id})`;
  return sql`
    select messages_hash as hash from ${prompts}
    union select completion_hash from ${prompts} and completion_hash is not null
    union select completion_hash from items where round_id = ${id} and completion_hash is not null
    union select t.completion_hash from items i join item_turns t on t.item_id = i.id where i.round_id = ${id}
    union select completion_hash from generation_calls where round_id = ${id} and completion_hash is not null
    union select note_hash from labels where round_id = ${id} and note_hash is not null
    union select why_hash from rulings where round_id = ${id} and why_hash is not null`;
}
