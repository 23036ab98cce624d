/** Settings that may be adjusted while a round runs: how each is read and laid over the others. What is measured is not among them. */
import type { RunSettings } from './spec';
import type { Json } from './text';

export interface Adjustment {
  /** As the spec's file calls it, such as `budget.money`. */
  setting: string;
  /** Its value in a round's settings, as the file would have it; null: not set. */
  of(settings: RunSettings): Json;
  /** The same settings with the new value. */
  laid(settings: RunSettings): RunSettings;
}

/** Where a round's deadline is to be. Times in milliseconds. */
export type DeadlineMove = { by: number } | { fromNow: number } | { afterStart: number } | { at: Date };

export function movedDeadline(
  move: DeadlineMove,
  { deadlineAt, createdAt, now }: { deadlineAt: Date; createdAt: Date; now: Date },
): Date {
  if ('at' in move) return move.at;
  if ('by' in move) return new Date(deadlineAt.getTime() + move.by);
  if ('fromNow' in move) return new Date(now.getTime() + move.fromNow);
  return new Date(createdAt.getTime() + move.afterStart);
}

/** Three times as many items at hand as calls in flight keep every permit in use; shards that are let in stay. */
export function withWindowFor(settings: RunSettings, calls: number): RunSettings {
  const { timings, shardSize } = settings;
  const window = Math.max(timings.window, Math.ceil((3 * calls) / shardSize) + 1);
  return { ...settings, timings: { ...timings, window } };
}

/** A chunk is given the more time, the longer each of its calls may take. Never less: it is only a guard. */
export function withCallTimeout(settings: RunSettings, callTimeoutMs: number): RunSettings {
  const { timings } = settings;
  const grown = Math.ceil((timings.chunkTimeoutMs * callTimeoutMs) / settings.callTimeoutMs);
  const chunkTimeoutMs = Math.max(timings.chunkTimeoutMs, grown);
  return { ...settings, callTimeoutMs, timings: { ...timings, chunkTimeoutMs } };
}
