/** Taking an item that may be illegal away from everybody, at once; and giving it back where that was a false alarm. */
import { and, asc, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import type { ItemId, PersonId, RoundId } from '../../domain/ids';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { lockItem } from '../items/lock';
import { assignments, audit, itemArms, items } from '../schema';
import { touchItem } from '../touch';
import { act } from './act';

/**
 * Call with the item's row locked. Leases on it are released and its slots closed, so that a `next` that has read the item
 * just before cannot lease it just after. It ends as unresolved; what was labelled stays. Idempotent.
 */
export async function quarantineItem(
  tx: Tx,
  item: { id: ItemId; roundId: RoundId; shard: number },
  by: PersonId,
  why: string,
): Promise<void> {
  const taken = await tx
    .update(items)
    .set({ quarantinedAt: sql`now()` })
    .where(and(eq(items.id, item.id), isNull(items.quarantinedAt)))
    .returning({ id: items.id });
  if (taken.length === 0) return;
  await tx.select().from(itemArms).where(eq(itemArms.itemId, item.id)).orderBy(asc(itemArms.arm)).for('no key update');
  await tx
    .update(assignments)
    .set({ state: 'released', endedAt: sql`now()` })
    .where(and(eq(assignments.itemId, item.id), eq(assignments.state, 'leased')));
  const held = sql`(select count(*)::int from assignments a
    where a.item_id = item_arms.item_id and a.arm = item_arms.arm and a.state in ('leased', 'submitted'))`;
  await tx.update(itemArms).set({ slots: held, taken: held }).where(eq(itemArms.itemId, item.id));
  await touchItem(tx, item);
  await tx.insert(audit).values({
    actor: by,
    action: 'item.quarantine',
    subject: item.id,
    roundId: item.roundId,
    detail: { why: wellFormed(why) },
  });
}

export interface Quarantining {
  itemId: ItemId;
  by: PersonId;
  why: string;
  dryRun?: boolean;
}
export type QuarantineResult = {
  /** not-served: it was never open, so nobody can have seen it. */
  kind: 'quarantined' | 'released' | 'would' | 'already' | 'unknown-item' | 'not-served';
};

/** For whoever meets such an item outside the queue. */
export function quarantine(db: Db, request: Quarantining): Promise<QuarantineResult> {
  return act(db, async (tx) => {
    const item = await lockItem(tx, request.itemId);
    if (!item) return { kind: 'unknown-item' };
    if (item.quarantined) return { kind: 'already' };
    if (!item.openedAt) return { kind: 'not-served' };
    if (request.dryRun) return { kind: 'would' };
    await quarantineItem(tx, item, request.by, request.why);
    return { kind: 'quarantined' };
  });
}

/** Opens the item again, as its labels and rulings have it. */
export function releaseFromQuarantine(db: Db, { itemId, by, why, dryRun }: Quarantining): Promise<QuarantineResult> {
  return act(db, async (tx) => {
    const item = await lockItem(tx, itemId);
    if (!item) return { kind: 'unknown-item' };
    if (!item.quarantined) return { kind: 'already' };
    if (dryRun) return { kind: 'would' };
    await tx.update(items).set({ quarantinedAt: null }).where(eq(items.id, itemId));
    await touchItem(tx, item);
    const detail = { why: wellFormed(why) };
    await tx
      .insert(audit)
      .values({ actor: by, action: 'quarantine.release', subject: itemId, roundId: item.roundId, detail });
    return { kind: 'released' };
  });
}

export interface QuarantinedItem {
  itemId: ItemId;
  roundId: RoundId;
  at: Date;
  /** Who took it away, and why: the acts on it, oldest first. */
  acts: { at: Date; actor: string; why: string }[];
}

/** Newest first. Without texts. */
export async function listQuarantined(tx: Tx, roundId?: RoundId): Promise<QuarantinedItem[]> {
  const rows = await tx
    .select({ itemId: items.id, roundId: items.roundId, at: items.quarantinedAt })
    .from(items)
    .where(and(isNotNull(items.quarantinedAt), roundId === undefined ? undefined : eq(items.roundId, roundId)))
    .orderBy(sql`${items.quarantinedAt} desc`, asc(items.id));
  const acts = await actsOn(
    tx,
    rows.map((row) => row.itemId),
  );
  return rows.flatMap(({ at, ...row }) => (at ? [{ ...row, at, acts: acts.get(row.itemId) ?? [] }] : []));
}

async function actsOn(tx: Tx, ids: readonly ItemId[]): Promise<Map<string, QuarantinedItem['acts']>> {
  const acts = new Map<string, QuarantinedItem['acts']>();
  if (ids.length === 0) return acts;
  const rows = await tx
    .select()
    .from(audit)
    .where(and(inArray(audit.subject, [...ids]), inArray(audit.action, ['item.quarantine', 'quarantine.release'])))
    .orderBy(asc(audit.id));
  for (const { subject, at, actor, detail } of rows) {
    const why = typeof detail.why === 'string' ? detail.why : '';
    acts.set(subject, [...(acts.get(subject) ?? []), { at, actor, why }]);
  }
  return acts;
}

export async function countQuarantined(tx: Tx): Promise<number> {
  const [row] = await tx.select({ n: sql<number>`count(*)::int` }).from(items).where(isNotNull(items.quarantinedAt));
  return row?.n ?? 0;
}
