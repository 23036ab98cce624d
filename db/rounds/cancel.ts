/** Calling a round off. It holds from the commit on, whether or not a workflow is alive. */
import { eq, sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import type { RoundStatus } from '../../domain/states';
import type { Db } from '../connection';
import { act } from '../labelling/act';
import { releaseLeases } from '../labelling/release';
import { audit, rounds } from '../schema';
import { wakeRound } from './wake';

export interface Cancelling {
  roundId: RoundId;
  /** A person, or Temporal itself where the workflow was cancelled there. */
  by: PersonId | 'temporal';
  why?: string | undefined;
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean;
}
export type CancelResult =
  | { kind: 'cancelled' | 'would-cancel' | 'already-cancelled'; name: string }
  /** Nothing is left to call off. */
  | { kind: 'ended'; status: RoundStatus }
  | { kind: 'unknown-round' };

/** Idempotent. What is labelled stays; leases are released, and every live workflow is nudged to end. */
export function cancelRound(db: Db, { roundId, by, why, dryRun = false }: Cancelling): Promise<CancelResult> {
  return act(db, async (tx) => {
    const [round] = await tx
      .select({ status: rounds.status, name: rounds.name })
      .from(rounds)
      .where(eq(rounds.id, roundId))
      .for('no key update');
    if (!round) return { kind: 'unknown-round' };
    const { status, name } = round;
    if (status === 'cancelled') return { kind: 'already-cancelled', name };
    if (status === 'done' || status === 'failed') return { kind: 'ended', status };
    if (dryRun) return { kind: 'would-cancel', name };
    await tx
      .update(rounds)
      .set({ status: 'cancelled', endedAt: sql`now()`, statusReason: why ?? null })
      .where(eq(rounds.id, roundId));
    await releaseLeases(tx, roundId);
    const detail = { status, ...(why && { why }) };
    await tx.insert(audit).values({ actor: by, action: 'round.cancel', subject: roundId, roundId, detail });
    await wakeRound(tx, roundId);
    return { kind: 'cancelled', name };
  });
}
