/**
 * Generation: chunks of paid calls. An attempt tries each missing item of its chunk once and saves what comes, one by
 * one; what is still missing is the next attempt's, after the time this one names. Nothing is resumed from memory: what
 * was paid, claimed or refused is read from rows.
 */

import { randomUUID } from 'node:crypto';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Db } from '../db/connection';
import { holdIfSpent } from '../db/generation/budget';
import { failItems } from '../db/generation/failures';
import { blockAccount, tellWaiting, unblockAccount } from '../db/generation/holds';
import { renewPermits } from '../db/generation/permits';
import { type AccountState, type ChunkKey, type PendingItem, pendingOfChunk, readAccount } from '../db/generation/plan';
import { withholdRedacted } from '../db/redaction';
import { goesOn, type RoundRow, readRound } from '../db/rounds/read';
import { readTexts } from '../db/texts';
import type { AccountId } from '../domain/ids';
import type { Cost } from '../domain/money';
import { byCost } from '../domain/reserve';
import type { RunSettings } from '../domain/spec';
import { type ConversationDeps, conversations } from './conversation';
import { type KeyOf, missingVariables } from './modelClients';
import { Permits } from './permits';

export type Chunk = ChunkKey;
export type GenerationActivities = ReturnType<typeof generationActivities>;

/** A wait longer than this is told to the shard, which then opens what it has. */
const TOLD_WAIT_MS = 5_000;
const BLOCKED_RECHECK_MS = 30_000;
const RAREST_RECHECK_MS = 600_000;
const MISSING_KEY = 'missing-key';
const NO_QUOTA = 'insufficient-quota';
const MISSING_KEY_RECHECK_MS = 5_000;
/** Calls under way may leave room in the budget. */
const BUDGET_RECHECK_MS = 500;
const LONGEST_BACKOFF_MS = 60_000;

export interface GenerationDeps extends ConversationDeps {
  /** Aborted when the worker is asked to stop: no further call is begun, those in flight are saved. */
  stopping: AbortSignal;
}

export function generationActivities(deps: GenerationDeps) {
  const { db, keyOf, stopping } = deps;
  const workerId = randomUUID();
  const permits = new Map<AccountId, Permits>();
  const play = conversations(deps);

  function permitsOf(accountId: AccountId): Permits {
    const renew = (asked: Omit<Parameters<typeof renewPermits>[1], 'accountId' | 'workerId'>) =>
      db.transaction((tx) => renewPermits(tx, { ...asked, accountId, workerId }));
    const pool = permits.get(accountId) ?? new Permits({ renew });
    permits.set(accountId, pool);
    return pool;
  }

  return {
    /**
     * Generates what the chunk still misses. Returns when none of its items can get a completion any more, or while its
     * round stands still: then the shard asks again once it is told that the round goes on. Fails with `nextRetryDelay`
     * when some may get one later.
     */
    async generateChunk(chunk: Chunk): Promise<void> {
      const context = Context.current();
      const round = await readRound(db, chunk.roundId);
      if (standsStill(round)) return;
      let failed = false;
      const stopped = () => failed || context.cancellationSignal.aborted || stopping.aborted;
      const items = await pendingOfChunk(db, chunk, round.settings.chunkSize);
      const account = await readAccount(db, chunk.accountId);
      await waitUnlessReady(db, chunk, round, account, items, keyOf);
      const texts = await readTexts(db, [...new Set(items.flatMap((item) => [item.messagesHash, ...item.played]))]);
      const isWhole = (item: PendingItem) => [item.messagesHash, ...item.played].every((hash) => texts.has(hash));
      if (!items.every(isWhole)) await db.transaction((tx) => withholdRedacted(tx, chunk.roundId, chunk.shard));
      let need: Cost | undefined;
      const attempts = await Promise.allSettled(
        items
          .filter((item) => item.claimedForMs === 0 && isWhole(item))
          .map(async (item) => {
            const messages = texts.get(item.messagesHash);
            if (messages === undefined) return;
            const said = item.played.map((hash) => texts.get(hash) ?? '');
            const pool = permitsOf(account.id);
            const talk = { item, round, account, permits: pool, messages: JSON.parse(messages), said, stopped };
            const { overBudget } = await play(talk).catch((error: unknown) => {
              failed = true;
              throw error;
            });
            if (overBudget && (!need || byCost(overBudget, need) < 0)) need = overBudget;
          }),
      );
      // Not before all have ended: a call under way is saved by the attempt that made it.
      const broken = attempts.find((attempt) => attempt.status === 'rejected');
      if (broken) throw broken.reason;
      if (context.cancellationSignal.aborted) throw context.cancellationSignal.reason;
      if (need) await waitForBudget(db, chunk, need);
      await waitForTheRest(db, chunk, round.settings.chunkSize, keyOf);
    },
  };
}

/** By a person's word or by its own budget: whoever lifts it wakes the shards. */
function standsStill(round: RoundRow): boolean {
  return round.pausedAt !== null || round.heldAt !== null;
}

async function waitForBudget(db: Db, chunk: Chunk, need: Cost): Promise<void> {
  const held = await db.transaction((tx) => holdIfSpent(tx, chunk.roundId, need));
  if (!held) throw notYet('budget-in-flight', BUDGET_RECHECK_MS);
}

/** Ends or postpones the attempt while the account forbids calls. */
async function waitUnlessReady(
  db: Db,
  chunk: Chunk,
  round: RoundRow,
  account: AccountState,
  items: readonly PendingItem[],
  keyOf: KeyOf,
): Promise<void> {
  if (items.length === 0 || round.status !== 'running') return;
  if (missingVariables(account, keyOf).length > 0) {
    const news = await db.transaction((tx) => blockAccount(tx, account.id, MISSING_KEY, chunk.roundId));
    if (news || isFirstAttempt()) await tellWaiting(db, chunk.roundId, chunk.shard);
    throw notYet(MISSING_KEY, moreRarely(MISSING_KEY_RECHECK_MS));
  }
  if (account.blockedCode !== null) await blocked(db, chunk, account, account.blockedCode, items);
  if (account.waitMs > 0) {
    if (account.waitMs > TOLD_WAIT_MS || account.heldForMs > TOLD_WAIT_MS) {
      await tellWaiting(db, chunk.roundId, chunk.shard);
    }
    throw notYet('rate-limited', account.waitMs + jitter(account.waitMs));
  }
}

/**
 * A worker with the key lifts a missing key; quota may come back, so it is tried again after a while, and its items wait;
 * a refused key fails them, to be taken up again by a later round.
 */
async function blocked(
  db: Db,
  chunk: Chunk,
  account: AccountState,
  code: string,
  items: readonly PendingItem[],
): Promise<void> {
  if (code === MISSING_KEY || (code === NO_QUOTA && account.blockedForMs >= BLOCKED_RECHECK_MS)) {
    await db.transaction((tx) => unblockAccount(tx, account.id));
    return;
  }
  const news = await db.transaction((tx) => blockAccount(tx, account.id, code, chunk.roundId));
  if (code === NO_QUOTA) {
    if (news || isFirstAttempt()) await tellWaiting(db, chunk.roundId, chunk.shard);
    throw notYet(code, moreRarely(BLOCKED_RECHECK_MS));
  }
  await failItems(
    db,
    items.map((item) => item.id),
    'account-refused',
  );
}

function isFirstAttempt(): boolean {
  return Context.current().info.attempt === 1;
}

/** What keeps on failing is looked at again ever more rarely. */
function moreRarely(ms: number): number {
  return Math.min(RAREST_RECHECK_MS, ms * Context.current().info.attempt);
}

/** After an attempt: fails with the time after which the missing items may be tried again, if there are any. */
async function waitForTheRest(db: Db, chunk: Chunk, chunkSize: number, keyOf: KeyOf): Promise<void> {
  const missing = await pendingOfChunk(db, chunk, chunkSize);
  if (missing.length === 0) return;
  const round = await readRound(db, chunk.roundId);
  if (!(await goesOn(db, chunk.roundId))) return;
  const account = await readAccount(db, chunk.accountId);
  await waitUnlessReady(db, chunk, round, account, missing, keyOf);
  const left = await pendingOfChunk(db, chunk, chunkSize);
  if (left.length === 0) return;
  const parked = left.every((item) => item.parkedForMs > 0);
  if (parked) await tellWaiting(db, chunk.roundId, chunk.shard);
  throw notYet(
    parked ? 'model-parked' : 'items-missing',
    Math.min(...left.map((item) => delayOf(item, round.settings))),
  );
}

/** Until the claim ends, or the back-off after a failed try: doubled with each, at most a minute. */
function delayOf(item: PendingItem, settings: RunSettings): number {
  if (item.claimedForMs > 0) return item.claimedForMs + 50;
  if (item.parkedForMs > 0) return item.parkedForMs + jitter(item.parkedForMs);
  const backoff = Math.min(LONGEST_BACKOFF_MS, settings.retryDelayMs * 2 ** Math.max(0, item.tries - 1));
  return backoff + jitter(backoff);
}

function jitter(ms: number): number {
  return Math.random() * Math.min(1_000, ms * 0.2);
}

function notYet(code: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message: `chunk not finished: ${code}`,
    nextRetryDelay: Math.max(1, Math.round(delayMs)),
  });
}
