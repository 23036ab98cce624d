/**
 * An item's completion: the turns of its prompt, played one after the other. Each is a paid call of its own, claimed before
 * it is made; none is made before what was said in the turn before it is stored.
 */
import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import {
  blockAccount,
  type Claim,
  type ClaimRequest,
  claimCalls,
  endCall,
  failItems,
  holdAccount,
} from '../db/generation/calls';
import type { AccountRow, PendingItem } from '../db/generation/plan';
import { act } from '../db/labelling/act';
import type { RoundRow } from '../db/rounds/read';
import type { AccountId, RoundId } from '../domain/ids';
import { namesModel } from '../domain/namesModel';
import { fillTurns, untilOpenTurn, wordsOf } from '../domain/turns';
import { batched } from './batching';
import { completionSaver } from './completionSaver';
import { type CallFailure, complete, type ModelMessage, modelClient } from './modelApi';

export interface ConversationDeps {
  db: Db;
  log: Logger;
  /** Reads a provider key by the name of its variable. */
  keyOf(variable: string): string | undefined;
}

export interface Conversation {
  item: PendingItem;
  round: RoundRow;
  account: AccountRow;
  /** The prompt's messages. */
  messages: readonly ModelMessage[];
  /** What the model has said so far, in its own turns: canonical JSON of its messages. */
  said: readonly string[];
  /** Looked at before each call. */
  stopped(): boolean;
}

interface Turn {
  /** The how-manyth, from 0. */
  turn: number;
  sent: ModelMessage[];
  last: boolean;
  /** So far. */
  tries: number;
}

/** @returns what plays a conversation on as far as it gets: to its last turn, or until a call fails or is forbidden. */
export function conversations({ db, log, keyOf }: ConversationDeps) {
  const claim = batched<ClaimRequest, Claim | undefined>(async (requests) => {
    const claims = await claimCalls(db, requests);
    return requests.map(({ itemId, turn }) => {
      const at = claims.findIndex((made) => made.itemId === itemId && made.turn === turn);
      // One claim is one call: whoever asked for the same turn in the same batch has none.
      return at < 0 ? undefined : claims.splice(at, 1)[0];
    });
  });
  const save = completionSaver(db, log);

  /** One paid call. @returns what was said, where that is the turn's own completion and stored. */
  async function take(conversation: Conversation, { turn, sent, last, tries }: Turn): Promise<string | undefined> {
    const { item, round, account, said } = conversation;
    const { callTimeoutMs, maxTries } = round.settings;
    const model = round.spec.models.find((candidate) => candidate.id === item.modelId);
    const key = keyOf(account.keyVariable);
    if (!model || !key) return undefined;
    if (tries >= maxTries) {
      await failItems(db, [item.id], 'tries-exhausted', turn);
      return undefined;
    }
    const claimed = await claim({ itemId: item.id, turn, claimMs: callTimeoutMs });
    if (!claimed) return undefined;
    const outcome = await complete(modelClientFor(account.baseUrl, key), model, sent, callTimeoutMs);
    if (outcome.kind !== 'completed') {
      await noteFailure(db, outcome, {
        ...claimed,
        accountId: account.id,
        roundId: round.id,
        lastTry: tries + 1 >= maxTries,
      });
      return undefined;
    }
    const told = last && [...said, outcome.message].some((message) => namesModel(message, model));
    const own = await save({ ...outcome, ...claimed, last, namesModel: told }, callTimeoutMs);
    return own ? outcome.message : undefined;
  }

  return async function play(conversation: Conversation): Promise<void> {
    const said = [...conversation.said];
    let { tries } = conversation.item;
    while (!conversation.stopped()) {
      const messages = fillTurns(conversation.messages, said.map(wordsOf));
      const sent = untilOpenTurn(messages);
      const last = sent.length === messages.length;
      const completion = await take({ ...conversation, said }, { turn: said.length, sent, last, tries });
      if (completion === undefined || last) return;
      said.push(completion);
      tries = 0;
    }
  };
}

interface FailedTurn extends Claim {
  accountId: AccountId;
  roundId: RoundId;
  lastTry: boolean;
}

function noteFailure(db: Db, outcome: CallFailure, { callId, itemId, turn, accountId, roundId, lastTry }: FailedTurn) {
  return act(db, async (tx) => {
    await endCall(tx, { ...outcome, outcome: outcome.kind, callId });
    if (outcome.kind === 'refused') await failItems(tx, [itemId], outcome.errorCode, turn);
    if (outcome.kind === 'retryable' && lastTry) await failItems(tx, [itemId], 'tries-exhausted', turn);
    if (outcome.kind === 'rate-limited' || outcome.retryAfterMs !== null) {
      await holdAccount(tx, accountId, outcome.retryAfterMs);
    }
    if (outcome.kind === 'account-refused') await blockAccount(tx, accountId, outcome.errorCode, roundId);
  });
}

const clients = new Map<string, ReturnType<typeof modelClient>>();

/** One client, and so one connection pool, per endpoint and key. */
function modelClientFor(baseUrl: string, key: string) {
  const name = `${baseUrl} ${key}`;
  const client = clients.get(name) ?? modelClient(baseUrl, key);
  clients.set(name, client);
  return client;
}
