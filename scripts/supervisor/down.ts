/** `plumbline down`: stops the running `up`, and whatever one that was killed has left. */
import { existsSync } from 'node:fs';
import { CommandError } from '../failures';
import { stateFolder } from '../finding';
import type { Call } from '../leaf';
import type { Output } from '../output';
import { inspectServices } from '../services/inspect';
import { isAlive, terminate } from '../services/processes';
import { until } from '../services/waiting';
import { endLeftovers } from './leftovers';
import { readUpState, takeUpLock, writeUpState } from './state';

/** Longer than worker, site and services together take to end. */
const PATIENCE_MS = 150_000;

export async function down({ output }: Call): Promise<undefined> {
  const stopped = existsSync(stateFolder()) ? await stopEverything(output) : [];
  const said = stopped.length > 0 ? `stopped: ${stopped.join(', ')}` : 'nothing was running';
  output.record({ event: 'down', stopped }, said);
}

async function stopEverything(output: Output): Promise<string[]> {
  const before = readUpState();
  const stopped: string[] = [];
  const free = takeUpLock();
  if (free) free.release();
  else if (before && isAlive(before.supervisor)) {
    output.note(`stopping what process ${before.supervisor.pid} runs`);
    stopped.push(...Object.keys(before.children), ...(await aliveServices()));
    await terminate(before.supervisor, 'SIGTERM', PATIENCE_MS);
  }
  const lock = await until(() => takeUpLock(), { withinMs: 10_000 });
  if (!lock) {
    const message = 'another `plumbline up` runs here and does not end';
    throw new CommandError({ kind: 'busy', message, hint: 'see .plumbline/logs; end that process yourself' });
  }
  try {
    const left = readUpState();
    if (left) {
      stopped.push(...(await endLeftovers(left.children, (line) => output.note(line))));
      writeUpState({ ...left, children: {}, addresses: undefined });
    }
    if ((await aliveServices()).length > 0) {
      const { stopServices }: typeof import('../services') = require('../services');
      stopped.push(...(await stopServices(stateFolder())));
    }
  } finally {
    lock.release();
  }
  return [...new Set(stopped)];
}

async function aliveServices(): Promise<string[]> {
  const services = await inspectServices(stateFolder());
  return Object.entries(services).flatMap(([name, report]) => (report.alive ? [name] : []));
}
