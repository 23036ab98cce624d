/** Whether a shard's workflow is running, as Temporal tells it. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowProbe } from '../activities/steering';
import { shardWorkflowId } from '../workflows/ids';

export function workflowProbe(client: Client): WorkflowProbe {
  return async (roundId, shard) => {
    try {
      const { status } = await client.workflow.getHandle(shardWorkflowId(roundId, shard)).describe();
      return status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}
