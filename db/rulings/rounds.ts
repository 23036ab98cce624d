/** Where researchers are waited for. */
import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { modelsAreSimulated } from '../rounds/simulated';
import { items, rounds } from '../schema';
import { waitsForFirst } from './waiting';

export interface RoundToRule {
  roundId: RoundId;
  deadlineAt: Date;
  /** Each of its models is: a simulated researcher may rule. */
  simulated: boolean;
  /** Items that wait for a first ruling. */
  contested: number;
}

/** Rounds under way in which items wait for a first ruling, newest first. What waits in rounds that are over is listed by round. */
export function roundsToRule(tx: Tx): Promise<RoundToRule[]> {
  return tx
    .select({
      roundId: rounds.id,
      deadlineAt: rounds.deadlineAt,
      simulated: modelsAreSimulated(sql`${rounds.spec}`),
      contested: sql<number>`count(*)::int`,
    })
    .from(items)
    .innerJoin(rounds, eq(rounds.id, items.roundId))
    .where(and(inArray(rounds.status, ['opening', 'running', 'measuring']), waitsForFirst))
    .groupBy(rounds.id)
    .orderBy(desc(rounds.createdAt), desc(rounds.id));
}
