/** The rounds that a schedule's runs started. */
import { and, desc, eq, notInArray } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { RoundStatus } from '../../domain/states';
import type { Tx } from '../connection';
import { rounds } from '../schema';

export interface ScheduledRound {
  roundId: RoundId;
  status: RoundStatus;
  createdAt: Date;
  endedAt: Date | null;
  /** The run's workflow id. */
  key: string | null;
}

const COLUMNS = {
  roundId: rounds.id,
  status: rounds.status,
  createdAt: rounds.createdAt,
  endedAt: rounds.endedAt,
  key: rounds.startKey,
};

/** Newest first. */
export function roundsOfSchedule(tx: Tx, name: string, limit: number): Promise<ScheduledRound[]> {
  return tx
    .select(COLUMNS)
    .from(rounds)
    .where(eq(rounds.schedule, name))
    .orderBy(desc(rounds.createdAt), desc(rounds.id))
    .limit(limit);
}

/** Those that are not over. */
export function openRoundsOfSchedule(tx: Tx, name: string): Promise<ScheduledRound[]> {
  return tx
    .select(COLUMNS)
    .from(rounds)
    .where(and(eq(rounds.schedule, name), notInArray(rounds.status, ['done', 'cancelled', 'failed'])))
    .orderBy(desc(rounds.createdAt));
}
