/** A process that is started again when it dies, more slowly each time it dies young. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { failureFromLog, openLog } from '../services/logs';
import { identify, type ProcessIdentity } from '../services/processes';
import { environmentFor, type Program } from './programs';

export interface ChildOptions {
  name: string;
  program: Program;
  env: Readonly<Record<string, string>>;
  logFile: string;
  /** The event of the JSON line by which it says that it is ready. */
  readyEvent: string;
  /** How long it may take to end by itself when it is asked to. */
  patienceMs: number;
  /** A process was started: called before it is ready. */
  started(identity: ProcessIdentity): void;
  /** Told what a person may want to know. */
  tell(line: string): void;
}

export type ReadyLine = Readonly<Record<string, unknown>>;

const FIRST_START_MS = 180_000;
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Having lived this long, it has not died young. */
const GROWN_MS = 60_000;

export class SupervisedChild {
  private process: ChildProcess | undefined;
  private again: NodeJS.Timeout | undefined;
  private pauseMs = SHORTEST_PAUSE_MS;
  private stopping = false;

  constructor(private readonly options: ChildOptions) {}

  /** Starts it. @throws ServiceError with the end of its log if it ends, or says nothing in time, before it is ready. */
  async start(): Promise<ReadyLine> {
    const { name, logFile } = this.options;
    const log = openLog(logFile);
    log.close();
    const { ready, ended } = this.spawn();
    const fail = (what: string) => failureFromLog('start-failed', `the ${name} ${what}`, log);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(fail('did not get ready in time')), FIRST_START_MS);
    });
    const early = ended.then((how) => Promise.reject(fail(`ended (${how}) before it was ready`)));
    try {
      const line = await Promise.race([ready, late, early]);
      void ended.then((how) => this.restart(how));
      return line;
    } finally {
      clearTimeout(timer);
      early.catch(() => undefined);
      late.catch(() => undefined);
    }
  }

  /** Asks it to end, and kills it when it does not in time. It is not started again. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.again);
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), this.options.patienceMs);
    await ended;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  kill(): void {
    this.stopping = true;
    clearTimeout(this.again);
    this.process?.kill('SIGKILL');
  }

  private spawn(): { ready: Promise<ReadyLine>; ended: Promise<string> } {
    const { program, env, logFile, readyEvent, started } = this.options;
    const log = openLog(logFile);
    const child = spawn(program.command, program.args, {
      env: environmentFor(program, env),
      stdio: ['ignore', 'pipe', log.fd],
      // Its own group: a terminal's Ctrl-C is ours, so that everything ends in order.
      detached: true,
    });
    log.close();
    this.process = child;
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity) started(identity);
    const ready = new Promise<ReadyLine>((resolve) => {
      if (!child.stdout) return;
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = parsed(line);
        if (said?.event === readyEvent) resolve(said);
      });
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
      child.once('error', (error) => resolve(error.message));
    });
    return { ready, ended };
  }

  private restart(how: string): void {
    if (this.stopping) return;
    const { name, tell } = this.options;
    tell(`the ${name} ended (${how}); starting it again in ${this.pauseMs / 1000} s`);
    this.again = setTimeout(() => {
      const began = Date.now();
      void this.spawn().ended.then((next) => {
        if (Date.now() - began > GROWN_MS) this.pauseMs = SHORTEST_PAUSE_MS;
        this.restart(next);
      });
    }, this.pauseMs);
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
  }
}

function parsed(line: string): ReadyLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
