/** The `plumbline` command as a process of its own, in a folder of its own. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const COMMAND = path.join(__dirname, '../bin/plumbline.js');
const LARGEST_OUTPUT = 64 * 1024 * 1024;

/** @returns the lines of JSON that it wrote. @throws with what it said where it failed. */
export async function plumbline(folder: string, args: readonly string[]): Promise<Record<string, unknown>[]> {
  const run = promisify(execFile)(process.execPath, [COMMAND, ...args, '--json'], {
    cwd: folder,
    maxBuffer: LARGEST_OUTPUT,
  });
  const { stdout } = await run.catch((error: { stdout?: string; stderr?: string; message: string }) => {
    throw new Error(`plumbline ${args.join(' ')} failed: ${error.stdout ?? ''}${error.stderr ?? error.message}`);
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line): Record<string, unknown> => JSON.parse(line));
}
