/**
 * Suspending a labeller: no more items, in any round, from the commit on. What they gave before stays and counts; withdrawing
 * labels is another act.
 */
import { eq, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { act } from '../labelling/act';
import { releaseLeasesOf } from '../labelling/release';
import { audit, labellers } from '../schema';
import { noLabeller, startOver } from './labellers';

export interface Suspending {
  id: PersonId;
  by: PersonId;
  why: string;
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean;
}
export type SuspendResult =
  /** `released`: leases that others may have now. */
  { kind: 'suspended' | 'would-suspend'; released: number } | { kind: 'already-suspended'; at: Date; why: string };
export type ResumeResult = { kind: 'resumed' | 'would-resume' | 'not-suspended' };

/** Idempotent: a second word changes nothing, not even the reason. @throws PeopleError if nobody of this id is a labeller. */
export function suspendLabeller(db: Db, { id, by, why, dryRun = false }: Suspending): Promise<SuspendResult> {
  return act(db, async (tx) => {
    const { suspendedAt, suspendedWhy } = await lockLabeller(tx, id);
    if (suspendedAt) return { kind: 'already-suspended', at: suspendedAt, why: suspendedWhy ?? '' };
    if (dryRun) return { kind: 'would-suspend', released: await countLeases(tx, id) };
    await tx
      .update(labellers)
      .set({ suspendedAt: sql`now()`, suspendedBy: by, suspendedWhy: wellFormed(why) })
      .where(eq(labellers.id, id));
    await tx
      .insert(audit)
      .values({ actor: by, action: 'labeller.suspend', subject: id, detail: { why: wellFormed(why) } });
    return { kind: 'suspended', released: await releaseLeasesOf(tx, id) };
  });
}

/**
 * Lifts a suspension. What was freed meanwhile may lie behind the labeller's cursors, and a walk that began as they were
 * suspended passes everything: they walk every queue from its start.
 */
export function resumeLabeller(db: Db, { id, by, dryRun = false }: Omit<Suspending, 'why'>): Promise<ResumeResult> {
  return act(db, async (tx) => {
    const { suspendedAt } = await lockLabeller(tx, id);
    if (!suspendedAt) return { kind: 'not-suspended' };
    if (dryRun) return { kind: 'would-resume' };
    await tx
      .update(labellers)
      .set({ suspendedAt: null, suspendedBy: null, suspendedWhy: null })
      .where(eq(labellers.id, id));
    await startOver(tx, id);
    await tx.insert(audit).values({ actor: by, action: 'labeller.resume', subject: id });
    return { kind: 'resumed' };
  });
}

/** Read under the locks of an act that has waited for a suspension, in a statement of its own. */
export async function isSuspended(tx: Tx, id: PersonId): Promise<boolean> {
  const [labeller] = await tx.select({ at: labellers.suspendedAt }).from(labellers).where(eq(labellers.id, id));
  return labeller?.at !== undefined && labeller.at !== null;
}

/** The lock keeps them from joining a round meanwhile. */
async function lockLabeller(tx: Tx, id: PersonId): Promise<typeof labellers.$inferSelect> {
  const [labeller] = await tx.select().from(labellers).where(eq(labellers.id, id)).for('update');
  if (!labeller) throw noLabeller(id);
  return labeller;
}

async function countLeases(tx: Tx, id: PersonId): Promise<number> {
  const [row] = await tx.execute<{ n: number }>(sql`
    select count(*)::int as n from members m
    join assignments a on a.round_id = m.round_id and a.labeller_id = m.labeller_id
    where m.labeller_id = ${id} and a.state = 'leased'`);
  return row?.n ?? 0;
}
