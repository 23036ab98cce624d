/** A call that was answered, as generation saves it. */
import type { FinishedCall } from '../../db/generation/completions';

/** At its item's first and last turn, at a cost that nobody told, unless said otherwise. */
export function finishedCall(given: Pick<FinishedCall, 'callId' | 'itemId'> & Partial<FinishedCall>): FinishedCall {
  return {
    turn: 0,
    last: true,
    message: '"said"',
    requestId: null,
    returnedModel: null,
    fingerprint: null,
    finishReason: 'stop',
    promptTokens: 1,
    completionTokens: 2,
    namesModel: false,
    cost: null,
    ...given,
  };
}
