/** Temporal: reachable, with its namespace, remembering long enough, and with workers that ask it for work. */
import { findTemporal } from '../finding';
import type { SearchAttributeState } from '../services/temporal/searchAttributes';
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
    const { address, namespace, retentionDays, workers, search } = await askTemporal();
    const days = `finished workflows are kept for ${Number(retentionDays.toFixed(1))} days`;
    return [
      ok('temporal', `answers at ${address}, namespace ${namespace}`),
      retentionDays < RETENTION_DAYS
        ? warn('temporal-retention', days, `set the namespace’s retention to ${RETENTION_DAYS} days or more`)
        : ok('temporal-retention', days),
      worker('rounds', workers.rounds),
      worker('models', workers.models),
      searching(search),
    ];
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : 'unknown';
    const hint =
      'check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or start it: `plumbline up`. Labelling goes on without it';
    return [fail('temporal', `does not answer: ${reason.slice(0, 200)}`, hint)];
  }
}

/** Rounds run without them; they are then only not found by their state in Temporal. */
function searching(search: SearchAttributeState | null): Check {
  const name = 'temporal-search';
  if (!search) return ok(name, 'this user may not see which search attributes there are');
  const { registered, missing, otherKind } = search;
  if (missing.length === 0 && otherKind.length === 0) return ok(name, registered.join(', '));
  const what = [
    missing.length > 0 ? `${missing.join(', ')} not registered` : '',
    otherKind.length > 0 ? `${otherKind.join(', ')} of another kind` : '',
  ];
  const message = `rounds cannot be searched by their state in Temporal: ${what.filter(Boolean).join('; ')}`;
  return warn(name, message, 'plumbline temporal register');
}

function worker(part: string, asking: number): Check {
  const name = `workers for ${part}`;
  if (asking > 0) return ok(name, String(asking));
  return warn(name, 'none has asked for work lately', 'start one: `plumbline up`, or `plumbline worker` in production');
}
