/** What commands ask of Temporal itself. Loaded only where it is needed: the client takes longer to load than most commands. */
import { Connection, type ConnectionOptions, isGrpcServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTE_NAMES } from '../domain/searchAttributes';
import { taskQueues } from '../workflows/ids';
import { CommandError } from './failures';
import {
  addSearchAttributes,
  type SearchAttributeState,
  searchAttributeState,
} from './services/temporal/searchAttributes';

const PATIENCE_MS = 3_000;

export interface TemporalState {
  address: string;
  namespace: string;
  /** How long a finished workflow is remembered. */
  retentionDays: number;
  /** Workers that have asked lately for workflow tasks and for model calls. */
  workers: { rounds: number; models: number };
  /** What rounds can be searched by; null where this user may not look. */
  search: SearchAttributeState | null;
}

/** Whether Temporal's own configuration, which all its tools read, names a server. */
export function temporalIsConfigured(): boolean {
  return loadClientConnectConfig().connectionOptions.address !== undefined;
}

/** @throws the client's error if Temporal does not answer within seconds or lacks the namespace. */
export function askTemporal(): Promise<TemporalState> {
  return withTemporal(async (connection, namespace) => {
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
      search: await searchAttributeState(connection, namespace).catch(() => null),
    };
  });
}

export interface Registration extends SearchAttributeState {
  namespace: string;
  /** Temporal refused to look or to add: gRPC's word for why. */
  refused: string | null;
}

/** Adds the search attributes of rounds that are missing; in a dry run it only looks. */
export function registerSearchAttributes({ dryRun }: { dryRun: boolean }): Promise<Registration> {
  return withTemporal(async (connection, namespace) => {
    const nothing: SearchAttributeState = { registered: [], missing: [...SEARCH_ATTRIBUTE_NAMES], otherKind: [] };
    let state = nothing;
    try {
      state = await searchAttributeState(connection, namespace);
      if (!dryRun && state.otherKind.length === 0) await addSearchAttributes(connection, namespace, state.missing);
      return { ...state, namespace, refused: null };
    } catch (error) {
      const code = refusalOf(error);
      if (code === undefined) throw error;
      return { ...state, namespace, refused: code };
    }
  });
}

/** What keeps Temporal from answering, without what an address may hold. */
export function unanswered(error: unknown): CommandError {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : 'unknown';
  const hint = 'check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or start it: plumbline up';
  return new CommandError({
    kind: 'temporal-unreachable',
    message: `Temporal does not answer: ${reason.slice(0, 200)}`,
    hint,
  });
}

const REFUSALS: Record<number, string> = { 7: 'permission denied', 12: 'not offered here', 16: 'not signed in' };

function refusalOf(error: unknown): string | undefined {
  return isGrpcServiceError(error) ? REFUSALS[error.code] : undefined;
}

async function withTemporal<T>(ask: (connection: Connection, namespace: string) => Promise<T>): Promise<T> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const options: ConnectionOptions = { ...connectionOptions, connectTimeout: PATIENCE_MS };
  const connection = await Connection.connect(options);
  try {
    return await connection.withDeadline(Date.now() + PATIENCE_MS, () => ask(connection, namespace));
  } finally {
    await connection.close();
  }
}

/** temporal.api.enums.v1.TaskQueueType. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;
