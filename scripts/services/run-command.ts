import { type SpawnOptions, spawn } from 'node:child_process';

export interface CommandEnd {
  /** The exit code; null where a signal or the deadline ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly timedOut: boolean;
}

/** Runs a short command to its end, killing it after `withinMs`. Where it writes to files given in `stdio`, `output` is ''. */
export function runCommand(
  command: string,
  args: readonly string[],
  { withinMs, ...options }: SpawnOptions & { readonly withinMs: number },
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, withinMs);
    const collect = (chunk: Buffer) => {
      output += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output, timedOut });
    });
  });
}
