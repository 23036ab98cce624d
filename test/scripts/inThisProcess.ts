/**
 * The `plumbline` command without a process of its own, for all that is not about processes: it starts ten times as fast.
 * What it sees of the process (folder, environment, output, exit code) is its own all the same, so one runs at a time.
 */
import { Writable } from 'node:stream';
import { buildProgram } from '../../scripts/program';
import type { CommandEnd } from '../setup/command';

/** Variables that would steer the command from outside the test. */
const OUTSIDE = /^(?:PLUMBLINE_|TEMPORAL_|OPENAI_|DATABASE_URL$)/;

let before: Promise<unknown> = Promise.resolve();

/** Runs `plumbline ARGS`; the environment is the test's own and what `env` sets. Rejects where a flag is not known. */
export function runHere(args: readonly string[], cwd: string, env: Record<string, string>): Promise<CommandEnd> {
  const end = before.then(() => run(args, cwd, env));
  before = end.catch(() => undefined);
  return end;
}

async function run(args: readonly string[], cwd: string, env: Record<string, string>): Promise<CommandEnd> {
  const [stdout, stderr] = [new Written(), new Written()];
  const [folder, variables] = [process.cwd(), { ...process.env }];
  const own = ['stdout', 'stderr', 'exitCode'].map((name) => ({
    name,
    was: Object.getOwnPropertyDescriptor(process, name),
  }));
  const inherited = Object.entries(variables).filter(([name]) => !OUTSIDE.test(name));
  replaceEnvironment({ ...Object.fromEntries(inherited), ...env });
  process.chdir(cwd);
  Object.defineProperties(process, {
    stdout: { value: stdout, configurable: true },
    stderr: { value: stderr, configurable: true },
    exitCode: { value: undefined, configurable: true, writable: true },
  });
  try {
    await buildProgram('test').parseAsync(['node', 'plumbline', ...args]);
    const code = Number(process.exitCode ?? 0);
    return { code, stdout: stdout.text, stderr: stderr.text, json: () => linesOf(stdout.text) };
  } finally {
    for (const { name, was } of own) Object.defineProperty(process, name, was ?? { value: undefined });
    process.chdir(folder);
    replaceEnvironment(variables);
  }
}

/** Remembers what is written to it. */
export class Written extends Writable {
  text = '';

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.text += part.toString();
    done();
  }
}

function replaceEnvironment(variables: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, variables);
}

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line): Record<string, unknown> => JSON.parse(line));
}
