/** Which text is meant, and what it is. Never reads the text itself. */
import { asc, sql } from 'drizzle-orm';
import type { ItemId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { texts } from '../schema';

export interface FoundText {
  hash: string;
  redacted: { at: Date; by: string; why: string } | null;
}

const SHORTEST = 8;

/** @returns the texts whose hashes begin so, two at most; none for a beginning that is too short. */
export async function findTexts(tx: Tx, beginning: string): Promise<FoundText[]> {
  const given = beginning.toLowerCase();
  if (given.length < SHORTEST || !/^[0-9a-f]{8,64}$/.test(given)) return [];
  const { hash, redactedAt, redactedBy, redactedWhy } = texts;
  // Hashes are hexadecimal and ordered by bytes, so that a beginning is a range, which the index finds.
  const rows = await tx
    .select({ hash, redactedAt, redactedBy, redactedWhy })
    .from(texts)
    .where(sql`${hash} >= ${given} and ${hash} < ${`${given}g`}`)
    .orderBy(asc(hash))
    .limit(2);
  return rows.map((row) => ({
    hash: row.hash,
    redacted: row.redactedAt && { at: row.redactedAt, by: row.redactedBy ?? '', why: row.redactedWhy ?? '' },
  }));
}

/** How often a text is what. */
export interface TextUse {
  prompts: number;
  givenCompletions: number;
  completions: number;
  turns: number;
  notes: number;
  reasons: number;
  terms: number;
  /** Items whose prompt, completion or turn it is, and in how many rounds. */
  items: number;
  rounds: number;
  /** Items that are not settled, failed or unresolved yet. */
  unfinished: number;
}

/** Items whose prompt, completion or played turn the text is. */
export function itemsOfText(hash: string) {
  return sql`(
    select id from items where prompt_id in (select id from prompts where messages_hash = ${hash})
    union select id from items where completion_hash = ${hash}
    union select item_id from item_turns where completion_hash = ${hash})`;
}

export async function useOfText(tx: Tx, hash: string): Promise<TextUse> {
  const [row] = await tx.execute<TextUse & Record<string, unknown>>(sql`
    with concerned as materialized (select * from items where id in ${itemsOfText(hash)})
    select
      (select count(*)::int from prompts where messages_hash = ${hash}) as prompts,
      (select count(*)::int from prompts where completion_hash = ${hash}) as "givenCompletions",
      (select count(*)::int from concerned where completion_hash = ${hash}) as completions,
      (select count(*)::int from item_turns where completion_hash = ${hash}) as turns,
      (select count(*)::int from labels where note_hash = ${hash})
        + (select count(*)::int from refused_labels where note_hash = ${hash}) as notes,
      (select count(*)::int from rulings where why_hash = ${hash}) as reasons,
      (select count(*)::int from labellers where terms_hash = ${hash}) as terms,
      (select count(*)::int from concerned) as items,
      (select count(distinct round_id)::int from concerned) as rounds,
      (select count(*)::int from concerned where state in ('pending', 'generated', 'open', 'contested')) as unfinished`);
  if (!row) throw new Error('a count gave no row');
  return row;
}

export interface TextOfItem {
  what: 'prompt' | 'turn' | 'completion';
  hash: string;
  redacted: boolean;
}

/** In the order in which they were said; undefined for an id that no item has. */
export async function textsOfItem(
  tx: Tx,
  itemId: ItemId,
): Promise<{ roundId: RoundId; texts: TextOfItem[] } | undefined> {
  const rows = await tx.execute<TextOfItem & { round_id: RoundId } & Record<string, unknown>>(sql`
    select parts.round_id, parts.what, parts.hash, t.redacted_at is not null as redacted from (
      select i.round_id, 'prompt' as what, p.messages_hash as hash, -1 as place
      from items i join prompts p on p.id = i.prompt_id where i.id = ${itemId}
      union all
      select i.round_id, 'turn', s.completion_hash, s.turn
      from items i join item_turns s on s.item_id = i.id where i.id = ${itemId}
      union all
      select round_id, 'completion', completion_hash, 2147483647 from items
      where id = ${itemId} and completion_hash is not null) parts
    join ${texts} t on t.hash = parts.hash order by parts.place`);
  const [first] = rows;
  return (
    first && { roundId: first.round_id, texts: rows.map(({ what, hash, redacted }) => ({ what, hash, redacted })) }
  );
}
