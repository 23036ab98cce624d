/**
 * How an act on an assignment runs: one transaction, its locks always in the same order (the labeller's row in the round,
 * the item, the assignment; then the label, and the counter of places last), its moments by the database's clock.
 */
import { and, eq, sql } from 'drizzle-orm';
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { Db, Tx } from '../connection';
import { failureCode } from '../failures';
import { assignments, items, members, rounds } from '../schema';

/**
 * A unique index, something pointed at that is gone, a deadlock or a serialization failure says that another act came between:
 * looking again tells which.
 */
const CAME_BETWEEN = new Set(['23505', '23503', '40P01', '40001']);
const TRIES = 4;

/** Runs `work` in a transaction, and a few times more if another act came between. `work` has no effects but its rows. */
export async function act<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (tries === TRIES || !cameBetween(error)) throw error;
    }
  }
}

export function cameBetween(error: unknown): boolean {
  return CAME_BETWEEN.has(failureCode(error) ?? '');
}

export type HeldAssignment = NonNullable<Awaited<ReturnType<typeof lockAssignment>>>;

/**
 * Locks labeller, item and assignment, in this order: Postgres takes row locks as the `of` list names them.
 * @param labellerId whose it must be; a stranger's assignment is as unknown as one that never was.
 */
export async function lockAssignment(tx: Tx, id: AssignmentId, labellerId?: PersonId) {
  const [held] = await tx
    .select({
      id: assignments.id,
      roundId: assignments.roundId,
      promptId: assignments.promptId,
      itemId: assignments.itemId,
      arm: assignments.arm,
      labellerId: assignments.labellerId,
      state: assignments.state,
      skipCode: assignments.skipCode,
      onePerPrompt: assignments.onePerPrompt,
      expiresAt: assignments.expiresAt,
      /** The lease's time has not passed. */
      inTime: sql<boolean>`${assignments.expiresAt} > now()`,
      item: {
        id: items.id,
        roundId: items.roundId,
        shard: items.shard,
        state: items.state,
        /** Served to nobody any more: in quarantine, or redacted. */
        withheld: sql<boolean>`(${items.quarantinedAt} is not null or ${items.redactedAt} is not null)`,
      },
      round: {
        status: rounds.status,
        form: rounds.form,
        manualRevision: rounds.manualRevision,
        settings: rounds.settings,
        late: sql<boolean>`${rounds.deadlineAt} <= now()`,
      },
    })
    .from(assignments)
    .innerJoin(members, and(eq(members.roundId, assignments.roundId), eq(members.labellerId, assignments.labellerId)))
    .innerJoin(items, eq(items.id, assignments.itemId))
    .innerJoin(rounds, eq(rounds.id, assignments.roundId))
    .where(and(eq(assignments.id, id), labellerId === undefined ? undefined : eq(assignments.labellerId, labellerId)))
    .for('no key update', { of: [members, items, assignments] })
    .prepare(labellerId === undefined ? 'lock assignment' : 'lock own assignment')
    .execute();
  return held;
}

/** A round that was called off takes nothing any more. */
export function isCalledOff(round: { status: string }): boolean {
  return round.status === 'cancelled' || round.status === 'failed';
}
