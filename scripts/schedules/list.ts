/** `schedule list`: every schedule with its next run and its last rounds. */
import type { Db } from '../../db/connection';
import { roundsOfSchedule } from '../../db/schedules/rounds';
import { listSchedules, type StoredSchedule } from '../../db/schedules/store';
import type { Call } from '../leaf';
import { table } from '../output';
import { nextRuns } from './next';
import { type Standing, standingsOf, wordOf } from './standing';
import { describeTiming, localTime } from './timing';

const ROUNDS = 3;
const HEADINGS = ['schedule', 'status', 'when', 'next run', 'last rounds', 'spec'];

export async function list(db: Db, { output }: Call): Promise<undefined> {
  const schedules = await listSchedules(db);
  const standings = await standingsOf(schedules.map(({ name }) => name));
  const records = await Promise.all(schedules.map((one) => recordOf(db, one, standings.get(one.name))));
  const rows = records.map(({ name, status, when, nextLocal, rounds, specFile }) => [
    name,
    status,
    when,
    nextLocal ?? 'none',
    rounds.map(({ roundId, status }) => `${roundId} ${status}`).join(', ') || 'none yet',
    specFile,
  ]);
  output.records(records, rows.length > 0 ? table(HEADINGS, rows) : 'no schedules yet');
  const unknown = [...standings.values()].find(({ kind }) => kind === 'unknown');
  if (unknown?.kind === 'unknown') output.note(`plumbline: ${unknown.why}: what is paused is not known`);
}

async function recordOf(db: Db, schedule: StoredSchedule, standing: Standing | undefined) {
  const { name, plan, specFile, failures, lastFailure } = schedule;
  const [next] = nextRuns(plan.timing, standing, 1);
  return {
    name,
    status: wordOf(schedule, standing),
    when: describeTiming(plan.timing),
    nextRun: next?.toISOString() ?? null,
    nextLocal: next ? localTime(next, plan.timing.timeZone) : null,
    rounds: (await roundsOfSchedule(db, name, ROUNDS)).map(({ roundId, status }) => ({ roundId, status })),
    failures,
    lastFailure: failures > 0 ? lastFailure : null,
    specFile,
  };
}
