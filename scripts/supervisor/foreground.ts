/** One of Plumbline's processes alone, in the foreground: its output is the command's, and so is its end. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { findDatabase, findTemporal } from '../finding';
import { environmentFor, programOf } from './programs';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns its exit code; 128 and the signal's number where a signal ended it. */
export async function runProgram(
  file: string,
  args: readonly string[],
  needs: { temporal: boolean } = { temporal: true },
): Promise<number> {
  const { url } = await findDatabase();
  if (needs.temporal) await findTemporal();
  const program = programOf(file, args);
  // Its own group: a terminal's Ctrl-C reaches it once, from us.
  const options = { env: environmentFor(program, { DATABASE_URL: url }), stdio: 'inherit', detached: true } as const;
  const child = spawn(program.command, program.args, options);
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of PASSED_ON) process.on(signal, passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn);
  }
}
