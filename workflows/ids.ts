/** Every workflow's id, input and task queue, built in one place: the parent and the relay must agree on them. */
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

/** Workflows and database activities run on one queue, calls to models on another, so that each can be scaled alone. */
export interface TaskQueues {
  rounds: string;
  models: string;
}

/** The queues of an installation: `PLUMBLINE_TASK_QUEUE` keeps two of them on one Temporal apart. */
export function taskQueues(env: { readonly [name: string]: string | undefined }): TaskQueues {
  const prefix = env.PLUMBLINE_TASK_QUEUE ?? 'plumbline';
  return { rounds: `${prefix}-rounds`, models: `${prefix}-models` };
}

export function modelsQueueBeside(roundsQueue: string): string {
  return roundsQueue.replace(/-rounds$/, '-models');
}
