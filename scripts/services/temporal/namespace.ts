import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { until, within } from '../waiting';
import { addSearchAttributes, searchAttributeState } from './searchAttributes';

/** The dev server would forget a finished round after a day; its report and its audit must outlive that. */
const RETENTION_SECONDS = 30 * 24 * 60 * 60;

/**
 * True if a Temporal frontend answers at the address and serves the namespace `default`, kept for 30 days. It then knows the
 * search attributes of rounds too, unless it refuses them: nothing rests on these.
 */
export async function answersWithRetention(address: string): Promise<boolean> {
  const late = () => new Error(`Temporal at ${address} does not answer`);
  let connection: Connection | undefined;
  try {
    connection = await within(5000, Connection.connect({ address, connectTimeout: 4000 }), late);
    const answers = await within(10_000, retained(connection), late);
    if (answers) await within(5_000, searchable(connection), late).catch(() => undefined);
    return answers;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}

async function searchable(connection: Connection): Promise<void> {
  const { missing } = await searchAttributeState(connection, 'default');
  await addSearchAttributes(connection, 'default', missing);
}

async function retained({ workflowService }: Connection): Promise<boolean> {
  const namespace = 'default';
  const seconds = async () => {
    const { config } = await workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  };
  if ((await seconds()) === RETENTION_SECONDS) return true;
  const config = { workflowExecutionRetentionTtl: msToTs(RETENTION_SECONDS * 1000) };
  await workflowService.updateNamespace({ namespace, config });
  const same = await until(async () => ((await seconds()) === RETENTION_SECONDS ? true : undefined), {
    withinMs: 5000,
  });
  return same ?? false;
}
