/**
 * An item's completion: the turns of its prompt, played one after the other. Each is a paid call of its own, claimed before
 * it is made; none is made before what was said in the turn before it is stored.
 */
import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import { type Claim, type ClaimRequest, claimCalls, giveBackClaim, type OverBudget } from '../db/generation/claims';
import { failItems, failTried } from '../db/generation/failures';
import type { AccountRow, PendingItem } from '../db/generation/plan';
import { goesOn, type RoundRow } from '../db/rounds/read';
import type { AccountId, RoundId } from '../domain/ids';
import { type Cost, costOf } from '../domain/money';
import { namesModel } from '../domain/namesModel';
import { reserveOf } from '../domain/reserve';
import type { FrozenModel } from '../domain/spec';
import { fillTurns, untilOpenTurn, wordsOf } from '../domain/turns';
import { asAsked, putPrompt, VariantFault, variantOf } from '../domain/variants';
import { batched } from './batching';
import { completionSaver } from './completionSaver';
import { noteFailure } from './failedCall';
import { type CallFailure, type Completion, complete, type ModelMessage } from './modelApi';
import { type KeyOf, modelClients } from './modelClients';
import type { Permits } from './permits';

export interface ConversationDeps {
  db: Db;
  log: Logger;
  keyOf: KeyOf;
}

export interface Conversation {
  item: PendingItem;
  round: RoundRow;
  account: AccountRow;
  permits: Permits;
  /** The prompt's messages. */
  messages: readonly ModelMessage[];
  /** What the model has said so far, in its own turns: canonical JSON of its messages. */
  said: readonly string[];
  /** Looked at before each call. */
  stopped(): boolean;
}

/** Why a conversation ended, where the rest of its chunk must know. */
export interface Played {
  /** A call did not fit in the round's budget: what it would have reserved. */
  overBudget?: Cost;
}

interface Turn {
  /** The how-manyth, from 0. */
  turn: number;
  sent: ModelMessage[];
  last: boolean;
  /** So far. */
  tries: number;
}

/** A claim lasts longer than its call: between the two, a call waits for its permit for a moment. */
const CLAIMED_AHEAD_MS = 5_000;
/** Most are made ahead of their permits, so that a moment more is no loss; and many at once cost little more than one. */
const GATHER_MS = 10;
/** After a longer wait it is asked once more whether round and account still make calls. */
const LOOKED_AGAIN_MS = 100;

/** @returns what plays a conversation on as far as it gets: to its last turn, or until a call fails or is forbidden. */
export function conversations({ db, log, keyOf }: ConversationDeps) {
  const claim = batched<ClaimRequest, Claim | OverBudget | undefined>(
    async (requests) => {
      const claims = await claimCalls(db, requests);
      return requests.map(({ itemId, turn }) => {
        const at = claims.findIndex((made) => made.itemId === itemId && made.turn === turn);
        // One claim is one call: whoever asked for the same turn in the same batch has none.
        return at < 0 ? undefined : claims.splice(at, 1)[0];
      });
    },
    { gatherMs: GATHER_MS },
  );
  const mayGoOn = batched<{ round: RoundId; account: AccountId }, boolean>(async (asked) => {
    const looks = new Map<string, Promise<boolean>>();
    return Promise.all(
      asked.map(({ round, account }) => {
        const key = JSON.stringify([round, account]);
        const look = looks.get(key) ?? goesOn(db, round, account);
        looks.set(key, look);
        return look;
      }),
    );
  });
  const save = completionSaver(db, log);
  const clients = modelClients(keyOf);

  /** One paid call. @returns what was said, where that is the turn's own completion and stored. */
  async function take(conversation: Conversation, model: FrozenModel, turn: Turn): Promise<Played & { said?: string }> {
    const { item, round, account, permits } = conversation;
    const { callTimeoutMs, maxTries, prices } = round.settings;
    const client = clients.of(account);
    if (!client) return {};
    if (turn.tries >= maxTries) {
      await db.transaction((tx) => failTried(tx, item.id, turn.turn));
      return {};
    }
    const reserve = reserveOf(prices, model, sizeOf(turn.sent));
    let over: Cost | undefined;
    const made = await permits.run<Claim & { at: number }, { answered: boolean; said: string | undefined }>({
      async prepare() {
        if (conversation.stopped()) return undefined;
        const claimMs = callTimeoutMs + CLAIMED_AHEAD_MS;
        const claimed = await claim({ itemId: item.id, turn: turn.turn, claimMs, reserve });
        if (!claimed) return undefined;
        if (!('overBudget' in claimed)) return { ...claimed, at: Date.now() };
        over = claimed.overBudget;
        return undefined;
      },
      // The permit is kept until the outcome is stored: what a killed worker loses is never more than what was in flight.
      async call(claimed) {
        const waited = Date.now() - claimed.at;
        const late = conversation.stopped() || waited > CLAIMED_AHEAD_MS;
        const mayCall =
          !late && (waited < LOOKED_AGAIN_MS || (await mayGoOn({ round: round.id, account: account.id })));
        const outcome = !mayCall
          ? undefined
          : await complete(client, model, turn.sent, callTimeoutMs, { stream: account.stream });
        return {
          answered: outcome?.kind === 'completed',
          said: await keep(conversation, model, turn, claimed, outcome),
        };
      },
      wasAnswered: ({ answered }) => answered,
    });
    if (made?.said !== undefined) return { said: made.said };
    return over ? { overBudget: over } : {};
  }

  /** @param outcome undefined: the call was not made. @returns what was said, where it is stored as the turn's own. */
  async function keep(
    { round, account, said }: Conversation,
    model: FrozenModel,
    { tries, last }: Turn,
    claimed: Claim,
    outcome: Completion | CallFailure | undefined,
  ): Promise<string | undefined> {
    const { callTimeoutMs, maxTries, prices } = round.settings;
    if (!outcome) {
      // Its permit came too late, or worker or round have stopped meanwhile: nothing of it is kept.
      await giveBackClaim(db, claimed.callId);
      return undefined;
    }
    if (outcome.kind !== 'completed') {
      const whose = { accountId: account.id, roundId: round.id, modelId: model.id };
      await noteFailure(db, outcome, { ...claimed, ...whose, lastTry: tries + 1 >= maxTries });
      return undefined;
    }
    const told = last && [...said, outcome.message].some((message) => namesModel(message, model));
    const { promptTokens, completionTokens } = outcome;
    const known = promptTokens !== null && completionTokens !== null;
    const cost = known ? costOf(prices?.[model.id], promptTokens, completionTokens) : null;
    const own = await save({ ...outcome, ...claimed, last, namesModel: told, cost }, callTimeoutMs);
    return own ? outcome.message : undefined;
  }

  return async function play(conversation: Conversation): Promise<Played> {
    const { item, round } = conversation;
    const variant = variantOf(round.spec, item.variant);
    const base = round.spec.models.find((candidate) => candidate.id === item.modelId);
    const prompt = put(() => putPrompt(conversation.messages, variant, item.fields));
    if (!base || !prompt) {
      await failItems(db, [item.id], 'prompt-unputtable');
      return {};
    }
    const model = asAsked(base, variant, item.k);
    const said = [...conversation.said];
    let { tries } = item;
    while (!conversation.stopped()) {
      const messages = fillTurns(prompt, said.map(wordsOf));
      const sent = untilOpenTurn(messages);
      const last = sent.length === messages.length;
      const taken = await take({ ...conversation, said }, model, { turn: said.length, sent, last, tries });
      if (taken.said === undefined || last) return taken;
      said.push(taken.said);
      tries = 0;
    }
    return {};
  };
}

/** @returns undefined for a prompt that the variant cannot put: the start has refused those, but for rounds begun before. */
function put(putting: () => ModelMessage[]): ModelMessage[] | undefined {
  try {
    return putting();
  } catch (error) {
    if (error instanceof VariantFault) return undefined;
    throw error;
  }
}

function sizeOf(sent: readonly ModelMessage[]) {
  const bytes = sent.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message)), 0);
  return { sent: bytes, messages: sent.length };
}
