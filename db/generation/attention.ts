/** What needs a person, said on the round. One thing at a time: the newest. */
import { and, eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { rounds } from '../schema';

/** @param mark codes and ids only. @returns whether it is news. */
export async function callForAttention(tx: Tx, roundId: RoundId, mark: string): Promise<boolean> {
  const told = await tx
    .update(rounds)
    .set({ needsAttention: mark })
    .where(and(eq(rounds.id, roundId), sql`needs_attention is distinct from ${mark}`))
    .returning({ id: rounds.id });
  return told.length > 0;
}

/** Takes a mark back, wherever it is still the newest. @param roundId left out: of all rounds. */
export async function nothingToAttend(tx: Tx, beginning: string, roundId?: RoundId): Promise<void> {
  await tx
    .update(rounds)
    .set({ needsAttention: null })
    .where(
      and(
        sql`starts_with(${rounds.needsAttention}, ${beginning})`,
        roundId === undefined ? undefined : eq(rounds.id, roundId),
      ),
    );
}
