/** What commands ask of Temporal itself. Loaded only where it is needed: the client takes longer to load than most commands. */
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { taskQueues } from '../workflows/ids';

const PATIENCE_MS = 3_000;

export interface TemporalState {
  address: string;
  namespace: string;
  /** How long a finished workflow is remembered. */
  retentionDays: number;
  /** Workers that have asked lately for workflow tasks and for model calls. */
  workers: { rounds: number; models: number };
}

/** Whether Temporal's own configuration, which all its tools read, names a server. */
export function temporalIsConfigured(): boolean {
  return loadClientConnectConfig().connectionOptions.address !== undefined;
}

/** @throws the client's error if Temporal does not answer within seconds or lacks the namespace. */
export async function askTemporal(): Promise<TemporalState> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const options: ConnectionOptions = { ...connectionOptions, connectTimeout: PATIENCE_MS };
  const connection = await Connection.connect(options);
  try {
    return await connection.withDeadline(Date.now() + PATIENCE_MS, async () => {
      const { workflowService } = connection;
      const { config } = await workflowService.describeNamespace({ namespace });
      const queues = taskQueues(process.env);
      const pollers = async (name: string, taskQueueType: number) => {
        const queue = await workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
        return queue.pollers?.length ?? 0;
      };
      return {
        address: connection.options.address,
        namespace,
        retentionDays: Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400,
        workers: {
          rounds: await pollers(queues.rounds, WORKFLOW_TASKS),
          models: await pollers(queues.models, ACTIVITY_TASKS),
        },
      };
    });
  } finally {
    await connection.close();
  }
}

/** temporal.api.enums.v1.TaskQueueType. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;
