/**
 * Writes the newest run of a workflow into test/histories, for every later version to replay:
 * `npm run record-history -- WORKFLOW_ID NAME`, with TEMPORAL_ADDRESS set. Refuses to overwrite what is there.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

async function main(workflowId: string | undefined, name: string | undefined): Promise<void> {
  if (!workflowId || !name) throw new Error('give a workflow id and a name for the file');
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
  const history = await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory();
  // Process ids and host names of whoever recorded say nothing to a replay.
  const json = JSON.stringify(historyToJSON(history), null, 1).replace(
    /"identity": "[^"]*"/g,
    '"identity": "recorded"',
  );
  const file = path.join(__dirname, '../histories', `${name}.json`);
  writeFileSync(file, `${json}\n`, { flag: 'wx' });
  await connection.close();
  console.log(`${history.events?.length ?? 0} events in ${file}`);
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
