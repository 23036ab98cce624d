/** `plumbline down`: stops the running `up`, and whatever one that was killed has left. */

import { CommandError } from '../failures';
import { stateFolder } from '../finding';
import type { Call } from '../leaf';
import { inspectServices } from '../services/inspect';
import { isAlive, terminate } from '../services/processes';
import { until } from '../services/waiting';
import { endLeftovers } from './leftovers';
import { readUpState, takeUpLock } from './state';

/** Longer than worker, site and services together take to end. */
const PATIENCE_MS = 150_000;

export async function down({ output }: Call): Promise<undefined> {
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
    stopped.push(...(await endLeftovers(output.note.bind(output))));
    if ((await aliveServices()).length > 0) {
      const { stopServices }: typeof import('../services') = require('../services');
      stopped.push(...(await stopServices(stateFolder())));
    }
  } finally {
    lock.release();
  }
  const names = [...new Set(stopped)];
  output.record(
    { event: 'down', stopped: names },
    names.length > 0 ? `stopped: ${names.join(', ')}` : 'nothing was running',
  );
}

async function aliveServices(): Promise<string[]> {
  const services = await inspectServices(stateFolder());
  return Object.entries(services).flatMap(([name, report]) => (report.alive ? [name] : []));
}
