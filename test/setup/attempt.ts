/** One attempt at an activity, such as a chunk of paid calls, as a worker would run it. */
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import pino from 'pino';
import { type Chunk, type GenerationDeps, generationActivities } from '../../activities/generation';
import type { Db } from '../../db/connection';

export type Attempt = (
  chunk: Chunk,
  nth?: number,
) => Promise<{ type?: string | null; nextRetryDelay?: unknown } | undefined>;

/** Those of one worker. @returns what an attempt failed with. */
export function attempts(db: Db, given: Partial<GenerationDeps> = {}): Attempt {
  const { generateChunk } = generationActivities({
    db,
    log: pino({ level: 'silent' }),
    keyOf: () => 'key',
    stopping: new AbortController().signal,
    ...given,
  });
  return (chunk, nth = 1) =>
    inAttempt(nth, () => generateChunk(chunk)).then(
      () => undefined,
      (error) => error,
    );
}

/** Runs an activity as its how-manyth attempt. */
export function inAttempt<T>(nth: number, activity: () => Promise<T>): Promise<T> {
  const context = { info: { attempt: nth }, cancellationSignal: new AbortController().signal, heartbeat: () => {} };
  return asyncLocalStorage.run(context as unknown as Context, activity);
}
