/** The `plumbline` command as an operator runs it: a process of its own, in a folder of its own. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.join(__dirname, '../..');

export interface CommandEnd {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The lines of stdout, each parsed. Throws where one is not JSON. */
  json(): Record<string, unknown>[];
}
export interface RunningCommand {
  child: ChildProcess;
  end: Promise<CommandEnd>;
}

/** Variables that would steer the command from outside the test. */
const OUTSIDE = /^(?:PLUMBLINE_|TEMPORAL_|OPENAI_|DATABASE_URL$)/;

/**
 * Starts `plumbline ARGS`; the environment is the test's own and what `env` sets.
 * @param options of Node, beside those that it takes to run TypeScript.
 */
export function spawnCommand(
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  stdio: StdioOptions,
  options: readonly string[] = [],
): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !OUTSIDE.test(name));
  const typeScript = ['--import', pathToFileURL(require.resolve('tsx')).href];
  return spawn(process.execPath, [...typeScript, ...options, path.join(ROOT, 'scripts/plumbline.ts'), ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), TSX_TSCONFIG_PATH: path.join(ROOT, 'tsconfig.json'), ...env },
    stdio,
  });
}

/** Starts `plumbline ARGS` and keeps what it writes. Standard input is empty, or the test's. */
export function startCommand(
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  stdin: 'ignore' | 'pipe' = 'ignore',
): RunningCommand {
  const child = spawnCommand(args, cwd, env, [stdin, 'pipe', 'pipe']);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (part) => {
    stdout += part;
  });
  child.stderr?.on('data', (part) => {
    stderr += part;
  });
  const end = new Promise<CommandEnd>((resolve) => {
    child.once('close', (code) => {
      const json = () =>
        stdout
          .split('\n')
          .filter(Boolean)
          .map((line): Record<string, unknown> => JSON.parse(line));
      resolve({ code, stdout, stderr, json });
    });
  });
  return { child, end };
}
