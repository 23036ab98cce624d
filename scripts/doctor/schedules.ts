/** Schedules that start no rounds. */
import type { Db } from '../../db/connection';
import { listSchedules } from '../../db/schedules/store';
import { count } from '../output';
import { standingsOf } from '../schedules/standing';
import { troubleOf } from '../schedules/troubles';
import { type Check, ok, warn } from './check';

export async function checkSchedules(db: Db): Promise<Check[]> {
  const schedules = await listSchedules(db);
  if (schedules.length === 0) return [];
  const standings = await standingsOf(schedules.map(({ name }) => name));
  const troubles = schedules.flatMap((one) => troubleOf(one, standings.get(one.name)) ?? []);
  if (troubles.length === 0) {
    const known = [...standings.values()].every(({ kind }) => kind !== 'unknown');
    const said = known ? 'none paused or failing' : 'none failing; Temporal does not say which are paused';
    return [ok('schedules', `${count(schedules.length, 'schedule')}, ${said}`)];
  }
  return troubles.map(({ name, message, hint }) => warn(`schedule ${name}`, message, hint));
}
