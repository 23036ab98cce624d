/** How workflows call activities: by type only, with retries that suit their kind. */
import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { GenerationActivities, RoundActivities } from '../activities/types';
import type { Timings } from '../domain/spec';
import { modelsQueueBeside } from './ids';

/** For what is asked before a round's own timings are known. */
export const UNTIL_KNOWN = { heartbeatMs: 30_000, retryCapMs: 30_000 };

/** Database activities: idempotent, taken over when their worker falls silent, retried for as long as it takes. */
export function databaseActivities(timings: Pick<Timings, 'heartbeatMs' | 'retryCapMs'>) {
  return proxyActivities<RoundActivities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: timings.heartbeatMs,
    retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: timings.retryCapMs },
  });
}

/** Chunks of paid calls: tried again without limit, each attempt doing only what is missing. */
export function modelActivities(timings: Timings) {
  return proxyActivities<GenerationActivities>({
    taskQueue: modelsQueueBeside(workflowInfo().taskQueue),
    startToCloseTimeout: timings.chunkTimeoutMs,
    heartbeatTimeout: timings.heartbeatMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: timings.retryCapMs },
  });
}
