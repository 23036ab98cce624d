/**
 * A round from its start to its result: open, draw, let shards generate through a sliding window as soon as they are drawn, wait
 * for people, measure. Everything it knows it reads from the round's rows, so it may end, wake as a new run, or continue as new at
 * any point and go on from there.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  patched,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { describeRound } from './details';
import { Draw } from './draw';
import { type RoundInput, shardInput, shardWorkflowId } from './ids';
import { itemShard } from './itemShard';
import { Nudges } from './nudges';
import { databaseActivities } from './proxies';
import { Rulings } from './rulings';
import { Searchable } from './searchAttributes';

export async function evaluationRound(input: RoundInput): Promise<void> {
  const nudges = new Nudges();
  const rulings = new Rulings(input, nudges);
  const searchable = new Searchable();
  try {
    await runRound(input, nudges, rulings, searchable);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const { cancelRound } = databaseActivities(input.timings);
    await CancellationScope.nonCancellable(async () => {
      await cancelRound(input.roundId);
      searchable.showStatus('cancelled');
      await rulings.allRecorded();
    });
    throw error;
  }
}

async function runRound(input: RoundInput, nudges: Nudges, rulings: Rulings, searchable: Searchable): Promise<void> {
  const { roundId, timings } = input;
  const { openRound, samplePrompts, advanceShards, reviveShards, closeAtDeadline, measure } =
    databaseActivities(timings);

  const draw = new Draw(nudges);
  const { status, drawn } = await openRound(roundId);
  if (patched('calls-while-drawing')) {
    if (!drawn && (status === 'opening' || status === 'running')) draw.start(samplePrompts(roundId));
  } else if (status === 'opening') await samplePrompts(roundId);

  let deadlineTold = false;
  let nextSweep = Date.now() + timings.sweepMs;
  for (;;) {
    nudges.heard();
    draw.check();
    const progress = await advanceShards(roundId);
    setCurrentDetails(describeRound(progress));
    searchable.show(progress);

    await startShards(input, progress.starting);
    if (progress.measurable) {
      searchable.showStatus('measuring');
      await measure(roundId);
      continue;
    }
    // It may have been moved since it was told.
    if (progress.msToDeadline > 0) deadlineTold = false;
    if (progress.msToDeadline <= 0 && !progress.ended && !deadlineTold) {
      // Shards that are drawn while the others are told have not been told.
      const all = !draw.isUnderWay;
      await closeAtDeadline(roundId);
      deadlineTold = all;
    }
    // What was recorded last may have reopened the round.
    if (progress.ended) {
      await draw.ended();
      await rulings.allRecorded();
    }
    if (progress.ended && !nudges.any) return;
    // Before the next look: nudges that never pause must not keep a history growing. The new run reads all rows again.
    if (historyIsLong(timings.historyEvents)) {
      await draw.ended();
      await rulings.allRecorded();
      await continueAsNew<typeof evaluationRound>(input);
    }
    if (nudges.any) continue;

    if (Date.now() >= nextSweep) {
      await reviveShards(roundId);
      nextSweep = Date.now() + timings.sweepMs;
    }
    const untilSweep = nextSweep - Date.now();
    await nudges.orAfter(progress.msToDeadline > 0 ? Math.min(untilSweep, progress.msToDeadline) : untilSweep);
  }
}

/** Shards outlive this run: they are abandoned to themselves and found again by id. */
async function startShards({ roundId, timings }: RoundInput, shards: readonly number[]): Promise<void> {
  await Promise.all(
    shards.map(async (shard) => {
      try {
        await startChild(itemShard, {
          workflowId: shardWorkflowId(roundId, shard),
          args: [shardInput(roundId, shard, timings)],
          parentClosePolicy: ParentClosePolicy.ABANDON,
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    }),
  );
}

function historyIsLong(limit: number): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength >= limit;
}
