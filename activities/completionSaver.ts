/** A paid completion is not given up because the database stumbles: its saving is tried again while its claim lasts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import { failureCode } from '../db/failures';
import { type FinishedCall, saveCompletions } from '../db/generation/calls';
import { batched } from './batching';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Saves completions in batches; a batch that fails is saved one by one, so that one bad row keeps back no other. */
export function completionSaver(db: Db, log: Logger) {
  const inBatch = batched<FinishedCall, void>(async (calls) => {
    await db.transaction((tx) => saveCompletions(tx, calls));
    return calls.map(() => undefined);
  });

  return async (call: FinishedCall, claimMs: number): Promise<void> => {
    const giveUpAt = Date.now() + claimMs;
    try {
      return await inBatch(call);
    } catch (error) {
      log.warn({ callId: call.callId, code: failureCode(error) }, 'a completion could not be saved at once');
    }
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        return await db.transaction((tx) => saveCompletions(tx, [call]));
      } catch (error) {
        if (Date.now() + pause > giveUpAt) throw error;
        await delay(pause);
      }
    }
  };
}
