/** Schedules that start no rounds now: for `doctor` and for whoever watches a round. */
import type { Db } from '../../db/connection';
import { findSchedule, listSchedules, type StoredSchedule } from '../../db/schedules/store';
import { type Standing, standingsOf, wordOf } from './standing';

export interface ScheduleTrouble {
  name: string;
  kind: 'paused' | 'failing' | 'lost';
  message: string;
  /** What to do. */
  hint: string;
}

/** Of all schedules, or of one. While Temporal is away only failures are known. */
export async function scheduleTroubles(db: Db, only?: string): Promise<ScheduleTrouble[]> {
  const schedules = only === undefined ? await listSchedules(db) : [await findSchedule(db, only)];
  const known = schedules.filter((one) => one !== undefined);
  const standings = await standingsOf(known.map(({ name }) => name));
  return known.flatMap((one) => troubleOf(one, standings.get(one.name)) ?? []);
}

export function troubleOf(schedule: StoredSchedule, standing: Standing | undefined): ScheduleTrouble | undefined {
  const { name, failures, lastFailure, lastFailureAt } = schedule;
  const word = wordOf(schedule, standing);
  const paused = standing?.kind === 'known' && standing.state.paused;
  if (word === 'lost') {
    const message = 'Temporal does not have it: it starts no round';
    const hint = `repeat its \`schedule create\`, or: plumbline schedule delete ${name}`;
    return { name, kind: word, message, hint };
  }
  if (word === 'failing') {
    const times = failures === 1 ? 'its last run' : `its last ${failures} runs`;
    const when = lastFailureAt ? ` (${lastFailureAt.toISOString().slice(0, 16).replace('T', ' ')} UTC)` : '';
    const message = `${times} could not start a round${when}: ${lastFailure}${paused ? '; it is paused' : ''}`;
    return { name, kind: word, message, hint: `mend that, then: plumbline schedule resume ${name}` };
  }
  if (word !== 'paused') return undefined;
  const message = 'is paused: it starts no round';
  return { name, kind: word, message, hint: `plumbline schedule resume ${name}` };
}
