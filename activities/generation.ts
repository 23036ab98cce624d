/**
 * Generation: chunks of paid calls. An attempt tries each missing item of its chunk once and saves what comes, one by
 * one; what is still missing is the next attempt's, after the time this one names. Nothing is resumed from memory: what
 * was paid, claimed or refused is read from rows.
 */

import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Db } from '../db/connection';
import { blockAccount, failItems, tellWaiting, unblockAccount } from '../db/generation/calls';
import {
  type AccountRow,
  type AccountState,
  type ChunkKey,
  type PendingItem,
  pendingOfChunk,
  readAccount,
} from '../db/generation/plan';
import { callsAreAllowed, type RoundRow, readRound } from '../db/rounds/read';
import { readTexts } from '../db/texts';
import type { RunSettings } from '../domain/spec';
import { type ConversationDeps, conversations } from './conversation';
import { Permits } from './permits';

export type Chunk = ChunkKey;
export type GenerationActivities = ReturnType<typeof generationActivities>;

/** A wait longer than this is told to the shard, which then opens what it has. */
const TOLD_WAIT_MS = 5_000;
const BLOCKED_RECHECK_MS = 30_000;
const RAREST_RECHECK_MS = 600_000;
const MISSING_KEY = 'missing-key';
const NO_QUOTA = 'insufficient-quota';
const PAUSED_RECHECK_MS = 5_000;
const LONGEST_BACKOFF_MS = 60_000;

export interface GenerationDeps extends ConversationDeps {
  /** Aborted when the worker is asked to stop: no further call is begun, those in flight are saved. */
  stopping: AbortSignal;
}

export function generationActivities(deps: GenerationDeps) {
  const { db, keyOf, stopping } = deps;
  const permits = new Map<string, Permits>();
  const play = conversations(deps);

  function permitsOf(account: AccountRow): Permits {
    const pool = permits.get(account.id) ?? new Permits(account.concurrency);
    pool.resize(account.concurrency);
    permits.set(account.id, pool);
    return pool;
  }

  return {
    /**
     * Generates what the chunk still misses. Returns when none of its items can get a completion any more; fails with
     * `nextRetryDelay` when some still may.
     */
    async generateChunk(chunk: Chunk): Promise<void> {
      const context = Context.current();
      const round = await readRound(db, chunk.roundId);
      let failed = false;
      const stopped = () => failed || context.cancellationSignal.aborted || stopping.aborted;
      const items = await pendingOfChunk(db, chunk, round.settings.chunkSize);
      const account = await readAccount(db, chunk.accountId);
      await waitUnlessReady(db, chunk, round, account, items, keyOf);
      const texts = await readTexts(db, [...new Set(items.flatMap((item) => [item.messagesHash, ...item.played]))]);
      const pool = permitsOf(account);
      const attempts = await Promise.allSettled(
        items
          .filter((item) => item.claimedForMs === 0)
          .map((item) =>
            pool.run(async () => {
              const messages = texts.get(item.messagesHash);
              if (stopped() || messages === undefined) return;
              const said = item.played.map((hash) => texts.get(hash) ?? '');
              const conversation = { item, round, account, messages: JSON.parse(messages), said, stopped };
              await play(conversation).catch((error: unknown) => {
                failed = true;
                throw error;
              });
            }),
          ),
      );
      // Not before all have ended: a call under way is saved by the attempt that made it.
      const broken = attempts.find((attempt) => attempt.status === 'rejected');
      if (broken) throw broken.reason;
      if (context.cancellationSignal.aborted) throw context.cancellationSignal.reason;
      await waitForTheRest(db, chunk, round, keyOf);
    },
  };
}

/** Ends or postpones the attempt while the round or the account forbids calls. */
async function waitUnlessReady(
  db: Db,
  chunk: Chunk,
  round: RoundRow,
  account: AccountState,
  items: readonly PendingItem[],
  keyOf: GenerationDeps['keyOf'],
): Promise<void> {
  if (items.length === 0 || round.status !== 'running') return;
  if (round.pausedAt) throw notYet('round-paused', PAUSED_RECHECK_MS);
  if (!keyOf(account.keyVariable)) {
    const news = await db.transaction((tx) => blockAccount(tx, account.id, MISSING_KEY, chunk.roundId));
    if (news || isFirstAttempt()) await tellWaiting(db, chunk.roundId, chunk.shard);
    throw notYet(MISSING_KEY, moreRarely(PAUSED_RECHECK_MS));
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
async function waitForTheRest(db: Db, chunk: Chunk, round: RoundRow, keyOf: GenerationDeps['keyOf']): Promise<void> {
  const missing = await pendingOfChunk(db, chunk, round.settings.chunkSize);
  if (missing.length === 0 || !(await callsAreAllowed(db, chunk.roundId))) return;
  const now = await readRound(db, chunk.roundId);
  const account = await readAccount(db, chunk.accountId);
  await waitUnlessReady(db, chunk, now, account, missing, keyOf);
  const left = await pendingOfChunk(db, chunk, round.settings.chunkSize);
  if (left.length === 0) return;
  throw notYet('items-missing', Math.min(...left.map((item) => delayOf(item, round.settings))));
}

/** Until the claim ends, or the back-off after a failed try: doubled with each, at most a minute. */
function delayOf(item: PendingItem, settings: RunSettings): number {
  if (item.claimedForMs > 0) return item.claimedForMs + 50;
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
