/**
 * Delivers the outbox: takes committed nudges, joins them per workflow, sends one signal each, and deletes them. Any
 * number of relays may run; a relay that dies leaves its claims to run out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, isGrpcServiceError, WorkflowIdReusePolicy } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import { expireLeases } from '../db/labelling/expire';
import { deleteNudges, parkNudges, returnNudges, type TakenNudges, takeNudges } from '../db/outbox';
import { readRound } from '../db/rounds/read';
import { roundInput, roundWorkflowId, shardInput, shardWorkflowId } from '../workflows/ids';
import { changed } from '../workflows/messages';

export interface RelayDeps {
  db: Db;
  client: Client;
  /** Where the workflows run. */
  taskQueue: string;
  log: Logger;
  stopping: AbortSignal;
}

/** While nothing happens. */
const LOOK_MS = 100;
/** After a taking: what comes meanwhile becomes one signal to each workflow. */
const GATHER_MS = 200;
const CLAIM_MS = 30_000;
const TAKE = 500;
const SENDING_AT_ONCE = 16;
const SWEEP_MS = 1_000;
const SWEEP_LIMIT = 100;
const LONGEST_BACKOFF_MS = 5_000;

/** gRPC's INVALID_ARGUMENT: no other try mends it. A namespace or a permission that is missing may be put right. */
const INVALID_ARGUMENT = 3;

/** Runs until it is told to stop. */
export async function runRelay(deps: RelayDeps): Promise<void> {
  const { db, log, stopping } = deps;
  let lastSweep = 0;
  let backoff = GATHER_MS;
  while (!stopping.aborted) {
    try {
      const { taken, undelivered } = await deliver(deps);
      if (Date.now() - lastSweep >= SWEEP_MS) {
        await expireLeases(db, { limit: SWEEP_LIMIT });
        lastSweep = Date.now();
      }
      backoff = undelivered > 0 ? Math.min(LONGEST_BACKOFF_MS, backoff * 2) : taken > 0 ? GATHER_MS : LOOK_MS;
      if (taken >= TAKE && undelivered === 0) continue;
    } catch (error) {
      backoff = Math.min(LONGEST_BACKOFF_MS, backoff * 2);
      log.warn({ error: errorName(error), againInMs: backoff }, 'the relay could not reach the database');
    }
    await delay(backoff, undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** One taking. Between takings nudges gather, so that many acts become one signal. */
async function deliver(deps: RelayDeps): Promise<{ taken: number; undelivered: number }> {
  const targets = await takeNudges(deps.db, TAKE, CLAIM_MS);
  let undelivered = 0;
  for (let i = 0; i < targets.length; i += SENDING_AT_ONCE) {
    const sent = await Promise.all(targets.slice(i, i + SENDING_AT_ONCE).map((target) => send(deps, target)));
    undelivered += sent.filter((delivered) => !delivered).length;
  }
  const taken = targets.reduce((sum, target) => sum + target.ids.length, 0);
  return { taken, undelivered };
}

/** @returns false if the nudge is to be tried again. */
async function send({ db, client, taskQueue, log }: RelayDeps, target: TakenNudges): Promise<boolean> {
  try {
    const round = await readRound(db, target.roundId);
    const { timings } = round.settings;
    const start =
      target.shard === null
        ? { type: 'evaluationRound', id: roundWorkflowId(round.id), args: [roundInput(round.id, timings)] }
        : {
            type: 'itemShard',
            id: shardWorkflowId(round.id, target.shard),
            args: [shardInput(round.id, target.shard, timings)],
          };
    await client.workflow.signalWithStart(start.type, {
      workflowId: start.id,
      args: start.args,
      taskQueue,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      signal: changed,
      signalArgs: [],
    });
    await deleteNudges(db, target.ids);
    return true;
  } catch (error) {
    if (grpcCode(error) === INVALID_ARGUMENT) {
      await parkNudges(db, target.ids, 'invalid-argument');
      log.error({ roundId: target.roundId, shard: target.shard }, 'a nudge was parked: Temporal can never take it');
      return true;
    }
    await returnNudges(db, target.ids, GATHER_MS);
    log.warn({ roundId: target.roundId, shard: target.shard, error: errorName(error) }, 'a nudge waits for Temporal');
    return false;
  }
}

/** The client wraps what gRPC said. */
function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
