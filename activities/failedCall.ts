/** What a failed call means: for its item, its model, its account and its round, in one transaction. */
import type { Db } from '../db/connection';
import type { Claim } from '../db/generation/claims';
import { endCall, failItems, failTried, refund } from '../db/generation/failures';
import { blockAccount, cutPermits, holdAccount } from '../db/generation/holds';
import { noteModelFailure } from '../db/generation/parking';
import { act } from '../db/labelling/act';
import type { AccountId, RoundId } from '../domain/ids';
import type { CallFailure } from './modelApi';

interface FailedTurn extends Claim {
  accountId: AccountId;
  roundId: RoundId;
  modelId: string;
  lastTry: boolean;
}

export function noteFailure(db: Db, outcome: CallFailure, failed: FailedTurn): Promise<void> {
  const { callId, itemId, turn, accountId, roundId, modelId, lastTry } = failed;
  const { kind, errorCode, httpStatus, retryAfterMs } = outcome;
  return act(db, async (tx) => {
    const free = await endCall(tx, { ...outcome, outcome: kind, callId });
    if (kind === 'refused') await failItems(tx, [itemId], errorCode, turn);
    if (kind === 'retryable' && lastTry) await failTried(tx, itemId, turn);
    if (kind === 'retryable' || kind === 'refused') {
      await noteModelFailure(tx, roundId, modelId, { callId, code: errorCode });
    }
    // A server's own errors say nothing about how many calls it bears.
    if (kind === 'rate-limited' && httpStatus === 429) await cutPermits(tx, accountId);
    if (httpStatus !== null && (kind === 'rate-limited' || retryAfterMs !== null)) {
      await holdAccount(tx, accountId, retryAfterMs, `http-${httpStatus}`);
    }
    if (kind === 'account-refused') await blockAccount(tx, accountId, errorCode, roundId);
    if (free) await refund(tx, callId);
  });
}
