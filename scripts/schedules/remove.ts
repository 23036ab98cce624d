/** `schedule delete`: out of Temporal first, then out of the database; its rounds stay. */
import type { Db } from '../../db/connection';
import { openRoundsOfSchedule } from '../../db/schedules/rounds';
import { findSchedule, removeSchedule } from '../../db/schedules/store';
import { actingPerson } from '../acting';
import type { Call } from '../leaf';
import { unknownSchedule } from './find';
import { withSchedules } from './reach';
import { onRecord } from './steer';

export async function remove(db: Db, call: Call): Promise<undefined> {
  const [name = ''] = call.args;
  const actor = await actingPerson(db, call, { action: 'schedule.delete', subject: name, roles: ['operator'] });
  const stored = await findSchedule(db, name);
  await withSchedules(async (temporal) => {
    // What a crash left in one of the two places is taken away too.
    if (!stored && !(await temporal.find(name))) throw await unknownSchedule(db, name);
    if (call.on('dryRun')) {
      call.output.record({ event: 'would-delete', name }, `would delete ${name}; its rounds stay`);
      return;
    }
    await onRecord(db, call, { action: 'schedule.delete', name, by: actor.id }, async (tx) => {
      await removeSchedule(tx, name);
      await temporal.remove(name);
    });
    const open = (await openRoundsOfSchedule(db, name)).map(({ roundId }) => roundId);
    const going = open.length > 0 ? `; still under way: ${open.join(', ')}` : '';
    call.output.record({ event: 'deleted', name, openRounds: open }, `deleted ${name}; its rounds stay${going}`);
  });
}
