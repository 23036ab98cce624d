/** `plumbline up`: in the foreground until it is told to stop, or detached, with a supervisor of its own. */
import { setTimeout as pause } from 'node:timers/promises';
import { CommandError, EXIT, failureOf } from '../failures';
import type { Call } from '../leaf';
import type { Output } from '../output';
import { detach } from './detach';
import { announce, send, telling, type UpTellings } from './messages';
import { type Addresses, readUpState, takeUpLock } from './state';
import { onStopRequest } from './stopRequest';
import { type Running, startEverything } from './supervise';

/** Longer than a first start that has to build Temporal. */
const OTHER_START_MS = 25 * 60_000;

export async function up({ output, on }: Call): Promise<number | undefined> {
  if (!on('detach')) return runHere(output);
  const running = await runningAlready();
  if (running) announce(output, running, ALREADY);
  else await detach(output);
  return undefined;
}

const ALREADY = 'Plumbline is up already.';
export const STARTING_STILL = 'stopping once what is being started has started; Ctrl-C again ends at once';

async function runHere(output: Output): Promise<number | undefined> {
  const tell = telling(output);
  const lock = takeUpLock();
  try {
    if (lock) return await runUntilStopped(tell, output);
    const running = await runningAlready();
    if (!running)
      throw new CommandError({ kind: 'busy', message: 'another `plumbline up` has just ended', hint: 'try again' });
    await tell.ready(running, ALREADY);
    return undefined;
  } catch (error) {
    const [{ message, hint = null }] = failureOf(error).problems;
    await send({ kind: 'failed', message, hint });
    throw error;
  } finally {
    lock?.release();
  }
}

async function runUntilStopped(tell: UpTellings, output: Output): Promise<number | undefined> {
  let running: Running | undefined;
  const { signal, asked } = onStopRequest(
    () => {
      if (!running) tell.progress(STARTING_STILL);
    },
    () => (running ? running.kill() : process.exit(EXIT.interrupted)),
  );
  running = await startEverything(tell);
  if (!signal.aborted) await tell.ready(running.addresses, 'Plumbline is up; Ctrl-C stops it.');
  await asked;
  tell.progress('stopping the site, the worker and the services');
  await running.stop();
  output.record({ event: 'stopped' }, 'stopped');
  return undefined;
}

/** The addresses of a running `up`, waited for while it starts. Undefined if none runs. */
export async function runningAlready(): Promise<Addresses | undefined> {
  const deadline = Date.now() + OTHER_START_MS;
  for (;;) {
    const lock = takeUpLock();
    if (lock) {
      lock.release();
      return undefined;
    }
    const addresses = readUpState()?.addresses;
    if (addresses) return addresses;
    if (Date.now() > deadline) {
      const message = 'another `plumbline up` has been starting for very long';
      throw new CommandError({ kind: 'busy', message, hint: 'see .plumbline/logs, or stop it: plumbline down' });
    }
    await pause(100);
  }
}
