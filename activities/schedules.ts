/** Runs of schedules: each makes the round of its moment, and looks whether that is over. */
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Db } from '../db/connection';
import { databaseIsAway, failureCode } from '../db/failures';
import { readRound } from '../db/rounds/read';
import { giveUpRun, isOver, type Run, startRun } from '../db/schedules/run';
import type { RoundId } from '../domain/ids';
import type { Timings } from '../domain/spec';

/** Some minutes of trying: what is wrong then is not a database that stumbles. */
const MOST_TRIES = 20;

/** A run's round, as its workflow knows it. */
export interface RunningRound {
  roundId: RoundId;
  timings: Timings;
}

export function scheduleActivities(db: Db) {
  return {
    /**
     * Makes the round's row, once however often it is called.
     * @throws ApplicationFailure that no other try mends, where the round cannot be started as things are.
     */
    async startScheduledRound(run: Run): Promise<RunningRound> {
      const result = await startRun(db, run).catch((error: unknown) => {
        if (Context.current().info.attempt < MOST_TRIES || databaseIsAway(error)) throw error;
        return giveUpRun(db, run, failureCode(error) ?? (error instanceof Error ? error.constructor.name : 'unknown'));
      });
      if (result.kind === 'refused') {
        const message = `the round could not be started: ${result.code}`;
        throw ApplicationFailure.create({ type: result.code, message, nonRetryable: true });
      }
      const { id: roundId, settings } = await readRound(db, result.roundId);
      return { roundId, timings: settings.timings };
    },

    roundIsOver: async (roundId: RoundId): Promise<boolean> => isOver((await readRound(db, roundId)).status),
  };
}
