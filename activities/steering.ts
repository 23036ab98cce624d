/** Moving a round's shards along, waking what fell asleep, and ending what is cancelled. */

import type { Db } from '../db/connection';
import { advanceShards, closeAtDeadline, reviveShard, shardsToCheck } from '../db/rounds/advance';
import { cancelRound } from '../db/rounds/cancel';
import type { RoundId } from '../domain/ids';
import type { RoundProgress } from '../domain/progress';

/** Tells whether the workflow of a shard is running. */
export type WorkflowProbe = (roundId: RoundId, shard: number) => Promise<boolean>;

const CHECKED_AT_ONCE = 50;

/** Tells whether Temporal knows the search attributes of rounds, as far as the worker has seen. */
export type SearchProbe = () => boolean;

export function steeringActivities(db: Db, isRunning: WorkflowProbe, isSearchable: SearchProbe) {
  return {
    async advanceShards(roundId: RoundId): Promise<RoundProgress> {
      const progress = await advanceShards(db, roundId);
      return isSearchable() ? { ...progress, searchable: true } : progress;
    },

    closeAtDeadline: (roundId: RoundId): Promise<void> => closeAtDeadline(db, roundId),

    /** Wakes shards whose row is not done and whose workflow is closed, a few at a time. */
    async reviveShards(roundId: RoundId): Promise<{ revived: number }> {
      let revived = 0;
      for (const shard of await shardsToCheck(db, roundId, CHECKED_AT_ONCE)) {
        if (await isRunning(roundId, shard)) continue;
        await reviveShard(db, roundId, shard);
        revived += 1;
      }
      return { revived };
    },

    /** For a workflow that was cancelled in Temporal: the round's row says so too. */
    cancelRound: async (roundId: RoundId): Promise<void> => {
      await cancelRound(db, { roundId, by: 'temporal', why: 'the workflow was cancelled in Temporal' });
    },
  };
}
