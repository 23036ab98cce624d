/** Every workflow's id and input, built in one place: the parent and the relay must agree on them. */
import type { RoundId } from '../domain/ids';
import type { Timings } from '../domain/spec';

export interface RoundInput {
  roundId: RoundId;
  timings: Timings;
}
export interface ShardInput {
  roundId: RoundId;
  shard: number;
  timings: Timings;
}

export const WORKFLOWS = ['evaluationRound', 'itemShard'] as const;
export type WorkflowName = (typeof WORKFLOWS)[number];

export function roundWorkflowId(roundId: RoundId): string {
  return roundId;
}

export function shardWorkflowId(roundId: RoundId, shard: number): string {
  return `${roundId}/shard-${String(shard).padStart(5, '0')}`;
}

export function roundInput(roundId: RoundId, timings: Timings): RoundInput {
  return { roundId, timings };
}

export function shardInput(roundId: RoundId, shard: number, timings: Timings): ShardInput {
  return { roundId, shard, timings };
}
