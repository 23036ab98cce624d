/** The workflows as one file, built once and shared by every worker process that is told where it lies. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

const WORKFLOWS = path.join(__dirname, '../workflows/index.ts');
const quiet = { trace() {}, debug() {}, info() {}, warn: console.error, error: console.error, log() {} };

/** Builds the bundle into a file; a reader never sees half of it. */
export async function buildBundle(file: string): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: quiet });
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, code);
  await rename(draft, file);
}

/** The prebuilt bundle of `PLUMBLINE_WORKFLOW_BUNDLE`, else one built here and now. */
export async function workflowBundle(env: NodeJS.ProcessEnv = process.env): Promise<WorkflowBundleOption> {
  const prebuilt = env.PLUMBLINE_WORKFLOW_BUNDLE;
  return prebuilt ? { codePath: prebuilt } : bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: quiet });
}
