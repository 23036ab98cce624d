/** Replays every history of a folder against today's workflows. A process of its own: the SDK's native part stays out of Jest. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../../workers/bundle';

async function main(dir: string): Promise<void> {
  const bundle = await workflowBundle();
  const files = readdirSync(dir).filter((file) => file.endsWith('.json'));
  for (const file of files) {
    try {
      await Worker.runReplayHistory({ workflowBundle: bundle }, JSON.parse(readFileSync(path.join(dir, file), 'utf8')));
    } catch (error) {
      throw new Error(`${file} does not replay`, { cause: error });
    }
  }
  console.log(`${files.length} replayed`);
}

main(process.argv[2] ?? '').then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
