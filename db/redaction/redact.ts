/** The act of redacting: the text, what may repeat it, and what becomes of the items that rest on it, in one transaction. */
import { eq, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { act } from '../labelling/act';
import { audit, texts } from '../schema';
import { itemsOfText } from './find';
import { endUnopened, lockRedactions } from './withhold';

export type RedactResult =
  | { kind: 'redacted'; items: number; unfinished: number; prompts: number }
  | { kind: 'already-redacted'; at: Date; by: string; why: string }
  | { kind: 'unknown-text' };

/**
 * Empties the text and leaves a tombstone. Its items are served to nobody from the commit on: those not yet finished end
 * unresolved or failed, settled ones stay as they are, with all that was measured of them. Idempotent.
 */
export function redactText(
  db: Db,
  { hash, by, why }: { hash: string; by: PersonId; why: string },
): Promise<RedactResult> {
  return act(db, async (tx) => {
    await tx.execute(lockRedactions);
    const concerned = await lockItemsOf(tx, hash);
    const [text] = await tx.select().from(texts).where(eq(texts.hash, hash)).for('no key update');
    if (!text) return { kind: 'unknown-text' };
    if (text.redactedAt) {
      return { kind: 'already-redacted', at: text.redactedAt, by: text.redactedBy ?? '', why: text.redactedWhy ?? '' };
    }
    await tx
      .update(texts)
      .set({ body: '', redactedAt: sql`now()`, redactedBy: by, redactedWhy: wellFormed(why) })
      .where(eq(texts.hash, hash));
    const prompts = await clearMetadata(tx, hash);
    const unfinished = await withhold(tx, concerned);
    const items = concerned.length;
    await tx.insert(audit).values({
      actor: by,
      action: 'text.redact',
      subject: hash,
      detail: { why: wellFormed(why), items, unfinished, prompts },
    });
    return { kind: 'redacted', items, unfinished, prompts };
  });
}

/** In the order that everybody locks items in. */
async function lockItemsOf(tx: Tx, hash: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    sql`select id from items where id in ${itemsOfText(hash)} order by id for no key update`,
  );
  return rows.map(({ id }) => id);
}

/** What the file said beside a prompt may repeat it. @returns how many prompts had the text. */
async function clearMetadata(tx: Tx, hash: string): Promise<number> {
  const cleared = await tx.execute(sql`
    update prompts set metadata = null where messages_hash = ${hash} or completion_hash = ${hash} returning id`);
  return cleared.length;
}

/** Takes locked items away from everybody. @returns how many of them were not finished. */
async function withhold(tx: Tx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const these = sql`(select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`;
  // Locked first, so that a `next` that has read an item just before cannot lease it just after.
  await tx.execute(sql`select 1 from item_arms where item_id in ${these} order by item_id, arm for no key update`);
  await tx.execute(sql`
    update assignments set state = 'released', ended_at = now() where item_id in ${these} and state = 'leased'`);
  await tx.execute(sql`
    update item_arms a set slots = held.n, taken = held.n
    from (select b.item_id, b.arm, count(s.id)::int as n from item_arms b
      left join assignments s on s.item_id = b.item_id and s.arm = b.arm and s.state in ('leased', 'submitted')
      where b.item_id in ${these} group by b.item_id, b.arm) held
    where a.item_id = held.item_id and a.arm = held.arm`);
  await tx.execute(sql`update items set redacted_at = now() where id in ${these} and redacted_at is null`);
  const ended = await tx.execute(sql`
    with unopened as (
      update items set ${endUnopened} where id in ${these} and state in ('pending', 'generated')
      returning id, round_id, shard),
    marked as (
      update items set touched = true where id in ${these} and state in ('open', 'contested')
      returning id, round_id, shard),
    unfinished as (select * from unopened union all select * from marked),
    nudged as (
      insert into outbox (round_id, shard)
      select distinct round_id, shard from unfinished order by round_id, shard)
    select id from unfinished`);
  return ended.length;
}
