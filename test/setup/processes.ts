/** Plumbline's own processes, started as an operator would: real children, killed as a machine would. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');

export interface RunningProcess {
  child: ChildProcess;
  /** What it said when it was ready. */
  ready: Record<string, unknown>;
  /** All it wrote to stderr so far. */
  stderr(): string;
  /** SIGTERM, and waits for its end; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** kill -9, and waits for its end. */
  kill(): Promise<void>;
}

/** Starts `node --import tsx FILE ARGS` and waits for the line of JSON that has `event`. */
export function startProcess(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  event: string,
): Promise<RunningProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(ROOT, file), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stderr.on('data', (part) => {
    err += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return new Promise((resolve, reject) => {
    void ended.then((code) => reject(new Error(`${file} ended with ${code} before it was ready:\n${err}`)));
    child.stdout.on('data', (part) => {
      out += part;
      for (const line of out.split('\n').slice(0, -1)) {
        const said: Record<string, unknown> = line.startsWith('{') ? JSON.parse(line) : {};
        if (said.event !== event) continue;
        resolve({
          child,
          ready: said,
          stderr: () => err,
          stop: () => end('SIGTERM'),
          kill: async () => void (await end('SIGKILL')),
        });
      }
      out = out.slice(out.lastIndexOf('\n') + 1);
    });
  });
}

/** Waits until the condition holds; fails with `what` when it does not within the time. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  timeoutMs = 30_000,
): Promise<T> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== false && found !== null) return found;
    if (Date.now() > giveUpAt) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
