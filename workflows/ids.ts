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

export interface ScheduledRunInput {
  schedule: string;
  /** Of a run that went on as a new one: the round it has begun. */
  waitingFor?: { roundId: RoundId; timings: Timings };
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

/** A schedule's name in Temporal, where installations may share a namespace. */
export function scheduleId(name: string, env: Environment): string {
  return `${prefixOf(env)}/schedule/${name}`;
}

/**
 * What the ids of its runs begin with: Temporal adds the moment of each, as `-2026-11-23T09:00:00Z`. A schedule made anew
 * under its old name has runs of its own.
 */
export function scheduledRunsId(name: string, edition: string, env: Environment): string {
  return `${scheduleId(name, env)}/${edition.slice(0, 8)}`;
}

/** The moment that a run is of: when it was due, or when somebody asked for it. */
export function momentOfRun(workflowId: string): string {
  return /\d{4}-\d\d-\d\dT[\d:.]+Z$/.exec(workflowId)?.[0] ?? workflowId;
}

type Environment = { readonly [name: string]: string | undefined };

/** Workflows and database activities run on one queue, calls to models on another, so that each can be scaled alone. */
export interface TaskQueues {
  rounds: string;
  models: string;
}

/** The queues of an installation: `PLUMBLINE_TASK_QUEUE` keeps two of them on one Temporal apart. */
export function taskQueues(env: Environment): TaskQueues {
  const prefix = prefixOf(env);
  return { rounds: `${prefix}-rounds`, models: `${prefix}-models` };
}

function prefixOf(env: Environment): string {
  return env.PLUMBLINE_TASK_QUEUE ?? 'plumbline';
}

export function modelsQueueBeside(roundsQueue: string): string {
  return roundsQueue.replace(/-rounds$/, '-models');
}
