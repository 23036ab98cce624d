/** The opening of a round. */
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { accountsOf } from '../../domain/spec';
import type { RoundStatus } from '../../domain/states';
import type { Db } from '../connection';
import { accounts, rounds } from '../schema';
import { readRound } from './read';

export interface Opened {
  status: RoundStatus;
  /** All its items are stored. */
  drawn: boolean;
}

/** Idempotent: the first time notes the moment and lets the round's accounts be tried afresh, whatever they refused before. */
export function markOpened(db: Db, roundId: RoundId): Promise<Opened> {
  return db.transaction(async (tx) => {
    const opened = await tx
      .update(rounds)
      .set({ openedAt: sql`now()` })
      .where(and(eq(rounds.id, roundId), isNull(rounds.openedAt)))
      .returning({ spec: rounds.spec });
    const [first] = opened;
    if (first) {
      const ids = accountsOf(first.spec);
      await tx
        .update(accounts)
        .set({ blockedCode: null, blockedAt: null, notBefore: null, heldSince: null })
        .where(inArray(accounts.id, ids));
    }
    const { status, drawnAt } = await readRound(tx, roundId);
    return { status, drawn: drawnAt !== null };
  });
}
