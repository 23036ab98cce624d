/** A round's items: made once from the seeded draw, the same however often it is done. */
import { and, asc, eq } from 'drizzle-orm';
import type { PromptId, RoundId } from '../../domain/ids';
import type { Db } from '../connection';
import { nudgeRound } from '../outbox';
import { items, prompts, rounds, shards } from '../schema';

const ROWS_PER_INSERT = 1_000;

export interface DrawnPrompt {
  id: PromptId;
  externalId: string;
  requirements: string[];
}
export type NewItem = typeof items.$inferInsert;

export function promptsOfSet(db: Db, setHash: string): Promise<DrawnPrompt[]> {
  return db
    .select({ id: prompts.id, externalId: prompts.externalId, requirements: prompts.requirements })
    .from(prompts)
    .where(eq(prompts.setHash, setHash))
    .orderBy(asc(prompts.position));
}

/** Writes shards and items; a second writing of the same items changes nothing. Then the round is running. */
export async function saveSample(db: Db, roundId: RoundId, sample: readonly NewItem[]): Promise<void> {
  const shardNumbers = [...new Set(sample.map((item) => item.shard))];
  for (const slice of inSlices(shardNumbers)) {
    await db
      .insert(shards)
      .values(slice.map((shard) => ({ roundId, shard })))
      .onConflictDoNothing();
  }
  for (const slice of inSlices(sample)) await db.insert(items).values(slice).onConflictDoNothing();
  await db.transaction(async (tx) => {
    await tx
      .update(rounds)
      .set({ status: 'running' })
      .where(and(eq(rounds.id, roundId), eq(rounds.status, 'opening')));
    await nudgeRound(tx, roundId);
  });
}

function* inSlices<T>(things: readonly T[]): Generator<T[]> {
  for (let i = 0; i < things.length; i += ROWS_PER_INSERT) yield things.slice(i, i + ROWS_PER_INSERT);
}
