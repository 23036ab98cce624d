/** From a shard's completions to its settled items: planning, opening, resolving. */

import type { Db } from '../db/connection';
import { type ChunkKey, planChunks } from '../db/generation/plan';
import { openItems } from '../db/items/open';
import { resolveItems } from '../db/items/resolve';
import { markBegun } from '../db/rounds/advance';
import { callsAreAllowed, readRound } from '../db/rounds/read';
import type { RoundId } from '../domain/ids';
import type { ShardProgress } from '../domain/progress';

export function labellingActivities(db: Db) {
  return {
    /** The chunks of paid calls that the shard still needs; none while the round stands still. */
    async planChunks(roundId: RoundId, shard: number): Promise<ChunkKey[]> {
      await markBegun(db, roundId, shard);
      if (!(await callsAreAllowed(db, roundId))) return [];
      const { settings, pausedAt, heldAt } = await readRound(db, roundId);
      if (pausedAt || heldAt) return [];
      return planChunks(db, roundId, shard, settings.chunkSize);
    },

    /** Opens, where asked, what is generated; then applies the rule to what was touched. @returns where the shard stands. */
    async advanceItems(roundId: RoundId, shard: number, { opening }: { opening: boolean }): Promise<ShardProgress> {
      if (opening) await openItems(db, roundId, shard);
      return resolveItems(db, roundId, shard);
    },

    /** For shards that began when these were two. */
    openItems: (roundId: RoundId, shard: number): Promise<{ opened: number; pending: number }> =>
      openItems(db, roundId, shard),

    resolveItems: (roundId: RoundId, shard: number): Promise<ShardProgress> => resolveItems(db, roundId, shard),
  };
}
