/** A round's row, as the activities need it. */
import { eq, sql } from 'drizzle-orm';
import type { AccountId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { rounds } from '../schema';

export type RoundRow = typeof rounds.$inferSelect;

/** @throws Error for an id that no round has. */
export async function readRound(tx: Tx, roundId: RoundId): Promise<RoundRow> {
  const [round] = await tx.select().from(rounds).where(eq(rounds.id, roundId));
  if (!round) throw new Error(`no round ${roundId}`);
  return round;
}

/**
 * The same with the row locked: for decisions that a reopening or a cancelling must not overtake. Whoever adds rows that point
 * to the round, as its draw does for a while, is not waited for.
 */
export async function lockRound(tx: Tx, roundId: RoundId): Promise<RoundRow> {
  const [round] = await tx.select().from(rounds).where(eq(rounds.id, roundId)).for('no key update');
  if (!round) throw new Error(`no round ${roundId}`);
  return round;
}

/** The same, held so that no amendment commits before this transaction does. Call with the locks on items in hand. */
export async function holdRound(tx: Tx, roundId: RoundId): Promise<RoundRow> {
  const [round] = await tx.select().from(rounds).where(eq(rounds.id, roundId)).for('share');
  if (!round) throw new Error(`no round ${roundId}`);
  return round;
}

export async function roundExists(tx: Tx, roundId: RoundId): Promise<boolean> {
  const [round] = await tx.select({ id: rounds.id }).from(rounds).where(eq(rounds.id, roundId));
  return round !== undefined;
}

/** Whether the deadline has passed, by the database's clock. */
export const deadlinePassed = sql<boolean>`${rounds.deadlineAt} <= now()`;

/** Whether paid calls may still be made for the round, now or after a pause. */
export async function callsAreAllowed(tx: Tx, roundId: RoundId): Promise<boolean> {
  const [row] = await tx
    .select({ allowed: sql<boolean>`${rounds.status} = 'running' and ${rounds.deadlineAt} > now()` })
    .from(rounds)
    .where(eq(rounds.id, roundId));
  return row?.allowed ?? false;
}

/** The same now: it does not stand still either, nor, where one is named, does the account. */
export async function goesOn(tx: Tx, roundId: RoundId, accountId?: AccountId): Promise<boolean> {
  const [row] = await tx
    .select({
      on: sql<boolean>`${rounds.status} = 'running' and ${rounds.deadlineAt} > now()
        and ${rounds.pausedAt} is null and ${rounds.heldAt} is null
        and not exists (select 1 from accounts where id = ${accountId ?? null}::text
          and (blocked_code is not null or not_before > now()))`,
    })
    .from(rounds)
    .where(eq(rounds.id, roundId));
  return row?.on ?? false;
}
