/**
 * One run of a schedule: makes the round of its moment, lets its workflow begin, and waits until the round is over. So a
 * schedule that skips overlapping runs starts no round while another is under way, and one whose rounds cannot be started
 * is paused by Temporal. The round itself does not depend on this: it goes on without it.
 */
import { ActivityFailure, ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunningRound } from '../activities/types';
import { evaluationRound } from './evaluationRound';
import { momentOfRun, roundInput, roundWorkflowId, type ScheduledRunInput } from './ids';
import { databaseActivities, UNTIL_KNOWN } from './proxies';

/** Looks at the round's row this many times more seldom than the round itself does: its end is heard of sooner. */
const SELDOM = 10;

export async function scheduledRound({ schedule, waitingFor }: ScheduledRunInput): Promise<void> {
  const round = waitingFor ?? (await makeRound(schedule));
  const { roundIsOver } = databaseActivities(round.timings);
  const ending = new Ending();
  // The same moment once more, by a backfill, finds its round as it is.
  if (await roundIsOver(round.roundId)) return;
  if (!waitingFor) await begin(round, ending);

  for (;;) {
    await ending.orAfter(SELDOM * round.timings.sweepMs);
    if (await roundIsOver(round.roundId)) return;
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    if (continueAsNewSuggested || historyLength >= round.timings.historyEvents) {
      await continueAsNew<typeof scheduledRound>({ schedule, waitingFor: round });
    }
  }
}

/** Fails with the code itself, so that Temporal's note on the paused schedule has it. */
async function makeRound(schedule: string): Promise<RunningRound> {
  const { workflowId } = workflowInfo();
  const { startScheduledRound } = databaseActivities(UNTIL_KNOWN);
  try {
    return await startScheduledRound({ schedule, key: workflowId, moment: momentOfRun(workflowId) });
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
    throw error;
  }
}

/** Tells when the round's workflow closed, where this is the run that started it. */
class Ending {
  private closed = false;

  of(result: Promise<unknown>): void {
    const close = () => {
      this.closed = true;
    };
    result.then(close, close);
  }

  /** Returns when it closed, at the latest after the time. It closes once: after that only the time counts. */
  async orAfter(ms: number): Promise<void> {
    await condition(() => this.closed, ms);
    this.closed = false;
  }
}

/** Abandoned to itself: whatever becomes of this run, the round goes on. Somebody's act may have begun it before. */
async function begin({ roundId, timings }: RunningRound, ending: Ending): Promise<void> {
  try {
    const round = await startChild(evaluationRound, {
      workflowId: roundWorkflowId(roundId),
      args: [roundInput(roundId, timings)],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
    ending.of(round.result());
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
