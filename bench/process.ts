/** A program of ours as a process of its own, which says in lines of JSON how far it is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { programOf, ROOT } from '../scripts/supervisor/programs';

/** Of what it wrote to stderr, shown where it fails. */
const LAST_WORDS = 4_000;

export interface Running {
  pid: number;
  /** The first line that has this event, now or later. @throws if the process ends without it. */
  said(event: string): Promise<Record<string, unknown>>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
}

/** Starts it as `plumbline up` does, in the repository's folder. */
export function start(file: string, args: readonly string[] = [], env: Record<string, string> = {}): Running {
  const program = programOf(file, args);
  const child = spawn(program.command, program.args, {
    cwd: ROOT,
    env: { ...process.env, ...program.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error(`${file} could not be started`);
  const heard = new Map<string, Record<string, unknown>>();
  let words = '';
  let listen = (): void => undefined;
  child.stderr.on('data', (part) => {
    words = `${words}${part}`.slice(-LAST_WORDS);
  });
  eachLine(child, (line) => {
    if (!line.startsWith('{')) return;
    const said: Record<string, unknown> = JSON.parse(line);
    if (typeof said.event === 'string' && !heard.has(said.event)) heard.set(said.event, said);
    listen();
  });
  let ended = false;
  const end = new Promise<void>((resolve) =>
    child.once('close', () => {
      ended = true;
      listen();
      resolve();
    }),
  );
  return {
    pid: child.pid,
    said: (event) =>
      new Promise((resolve, reject) => {
        listen = () => {
          const line = heard.get(event);
          if (line) resolve(line);
          else if (ended) reject(new Error(`${file} ended before it said ${event}: ${words}`));
        };
        listen();
      }),
    async stop() {
      child.kill('SIGTERM');
      await end;
    },
  };
}

function eachLine(child: ChildProcess, tell: (line: string) => void): void {
  let rest = '';
  child.stdout?.on('data', (part) => {
    const lines = `${rest}${part}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  });
}
