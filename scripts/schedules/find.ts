/** Which schedule is meant, and where it stands in Temporal. */
import type { Db } from '../../db/connection';
import { findSchedule, listSchedules, type StoredSchedule } from '../../db/schedules/store';
import { CommandError, EXIT } from '../failures';
import { didYouMean } from '../intake/suggestions';

/** @throws CommandError for a name that no schedule has. */
export async function meantSchedule(db: Db, name: string): Promise<StoredSchedule> {
  return (await findSchedule(db, name)) ?? Promise.reject(await unknownSchedule(db, name));
}

export async function unknownSchedule(db: Db, name: string): Promise<CommandError> {
  const names = (await listSchedules(db)).map((one) => one.name);
  const hint =
    names.length > 0 ? didYouMean(name, names.slice(0, 50)) : 'make one: plumbline schedule create NAME SPEC.yaml';
  const message = `there is no schedule ${name.slice(0, 60)}`;
  return new CommandError({ kind: 'unknown-schedule', message, hint, at: 'name' }, EXIT.wrongUsage);
}

/** It is stored, and Temporal does not have it. */
export function lostInTemporal({ name }: StoredSchedule): CommandError {
  const message = `Temporal does not have the schedule ${name}: it starts no round`;
  const hint = `repeat its \`schedule create\` to hand it over again, or take it away: plumbline schedule delete ${name}`;
  return new CommandError({ kind: 'schedule-lost', message, hint });
}
