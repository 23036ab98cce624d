/** A paid completion is not given up because the database stumbles: its saving is tried again while its claim lasts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import { failureCode } from '../db/failures';
import { type FinishedCall, saveCompletions } from '../db/generation/completions';
import { modelIsBack } from '../db/generation/parking';
import { batched } from './batching';

/** The more are saved at once, the less each costs; but what waits to be saved keeps its permit. */
const TOGETHER = { gatherMs: 5, lanes: 2 };
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Saves completions in batches; a batch that fails is saved one by one, so that one bad row keeps back no other. Each caller
 * hears whether its completion was saved now as its turn's own: if not, rows tell what is.
 */
export function completionSaver(db: Db, log: Logger) {
  const saveAll = async (calls: readonly FinishedCall[]) => {
    const { own, back } = await saveCompletions(db, calls);
    for (const { roundId, modelId } of back) await modelIsBack(db, roundId, modelId);
    return calls.map(({ callId }) => own.has(callId));
  };
  const inBatch = batched<FinishedCall, boolean>(saveAll, TOGETHER);

  return async (call: FinishedCall, claimMs: number): Promise<boolean> => {
    const giveUpAt = Date.now() + claimMs;
    try {
      return await inBatch(call);
    } catch (error) {
      log.warn({ callId: call.callId, code: failureCode(error) }, 'a completion could not be saved at once');
    }
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        return (await saveAll([call])).includes(true);
      } catch (error) {
        if (Date.now() + pause > giveUpAt) throw error;
        await delay(pause);
      }
    }
  };
}
