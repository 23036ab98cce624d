/** Temporal: reachable, with its namespace, remembering long enough, and with workers that ask it for work. */
import { findTemporal } from '../finding';
import { type Check, fail, ok, warn } from './check';
import { failed } from './database';

/** A round's people take weeks; a finished one is looked at for a while after. */
const RETENTION_DAYS = 7;

export async function checkTemporal(): Promise<Check[]> {
  try {
    await findTemporal();
  } catch (error) {
    return [failed('temporal', error)];
  }
  const { askTemporal }: typeof import('../temporal') = require('../temporal');
  try {
    const { address, namespace, retentionDays, workers } = await askTemporal();
    const days = `finished workflows are kept for ${Number(retentionDays.toFixed(1))} days`;
    return [
      ok('temporal', `answers at ${address}, namespace ${namespace}`),
      retentionDays < RETENTION_DAYS
        ? warn('temporal-retention', days, `set the namespace’s retention to ${RETENTION_DAYS} days or more`)
        : ok('temporal-retention', days),
      worker('rounds', workers.rounds),
      worker('models', workers.models),
    ];
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : 'unknown';
    const hint =
      'check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or start it: `plumbline up`. Labelling goes on without it';
    return [fail('temporal', `does not answer: ${reason.slice(0, 200)}`, hint)];
  }
}

function worker(part: string, asking: number): Check {
  const name = `workers for ${part}`;
  if (asking > 0) return ok(name, String(asking));
  return warn(name, 'none has asked for work lately', 'start one: `plumbline up`, or `plumbline worker` in production');
}
