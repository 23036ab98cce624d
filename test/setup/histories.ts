/**
 * Histories as the JSON that Temporal's own tools write: `histories.ts fetch DIR ADDRESS WORKFLOW_ID…` writes every run,
 * `histories.ts replay DIR` replays all of a folder against today's workflows, `histories.ts record ADDRESS WORKFLOW_ID
 * NAME` keeps one for later versions. A process of its own: the SDK's native part stays out of Jest.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../../workers/bundle';

const RECORDED = path.join(__dirname, '../histories');

async function main([verb, ...args]: string[]): Promise<string> {
  const [first = '', second = '', ...rest] = args;
  if (verb === 'replay') return `${await replayAll(first)} replayed`;
  if (verb === 'fetch') return withClient(second, async (client) => `${await fetchAll(client, first, rest)} fetched`);
  if (verb === 'record') return withClient(first, (client) => record(client, second, rest[0] ?? ''));
  throw new Error('fetch, replay or record');
}

async function replayAll(dir: string): Promise<number> {
  const bundle = await workflowBundle();
  const files = readdirSync(dir).filter((file) => file.endsWith('.json'));
  for (const file of files) {
    try {
      await Worker.runReplayHistory({ workflowBundle: bundle }, JSON.parse(readFileSync(path.join(dir, file), 'utf8')));
    } catch (error) {
      throw new Error(`${file} does not replay`, { cause: error });
    }
  }
  return files.length;
}

async function fetchAll(client: Client, dir: string, workflowIds: readonly string[]): Promise<number> {
  let fetched = 0;
  for (const workflowId of workflowIds) {
    for (const runId of await runsOf(client, workflowId)) {
      writeFileSync(path.join(dir, `${fetched}.json`), await historyOf(client, workflowId, runId));
      fetched += 1;
    }
  }
  return fetched;
}

/** From the newest run back to the first of its chain: what the visibility store lists may be a moment behind. */
async function runsOf(client: Client, workflowId: string): Promise<Set<string>> {
  const newest = await client.workflow.getHandle(workflowId).describe();
  const runs = new Set([newest.runId]);
  for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) runs.add(run.runId);
  return runs;
}

/** Without the process ids and host names of whoever ran it: they say nothing to a replay. */
async function historyOf(client: Client, workflowId: string, runId?: string): Promise<string> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return `${historyToJSON(history).replace(/"identity": "[^"]*"/g, '"identity": "recorded"')}\n`;
}

async function record(client: Client, workflowId: string, name: string): Promise<string> {
  const file = path.join(RECORDED, `${name}.json`);
  writeFileSync(file, await historyOf(client, workflowId), { flag: 'wx' });
  return `recorded ${file}`;
}

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

main(process.argv.slice(2)).then(
  (said) => {
    console.log(said);
    process.exit(0);
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
