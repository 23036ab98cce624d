/** Where schedules stand: what Temporal says of each, as far as it answers. */
import type { StoredSchedule } from '../../db/schedules/store';
import { CommandError } from '../failures';
import { withSchedules } from './reach';
import type { ScheduleState } from './temporal';

export type Standing =
  | { kind: 'known'; state: ScheduleState }
  /** Temporal answers and does not have it. */
  | { kind: 'lost' }
  /** Temporal does not answer; why. */
  | { kind: 'unknown'; why: string };

const ASKED_AT_ONCE = 8;

export async function standingsOf(names: readonly string[]): Promise<Map<string, Standing>> {
  if (names.length === 0) return new Map();
  try {
    return await withSchedules(async (temporal) => {
      const found = new Map<string, Standing>();
      for (let i = 0; i < names.length; i += ASKED_AT_ONCE) {
        const asked = names.slice(i, i + ASKED_AT_ONCE);
        const states = await Promise.all(asked.map((name) => temporal.find(name)));
        asked.forEach((name, at) => {
          const state = states[at];
          found.set(name, state ? { kind: 'known', state } : { kind: 'lost' });
        });
      }
      return found;
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return new Map(names.map((name) => [name, { kind: 'unknown', why: error.message }]));
  }
}

export type Word = 'active' | 'paused' | 'failing' | 'lost' | 'unknown';

/** One word for it. Failing: its newest runs could not start a round, whether or not Temporal has paused it since. */
export function wordOf({ failures }: Pick<StoredSchedule, 'failures'>, standing: Standing | undefined): Word {
  if (standing?.kind === 'lost') return 'lost';
  if (failures > 0) return 'failing';
  if (standing?.kind !== 'known') return 'unknown';
  return standing.state.paused ? 'paused' : 'active';
}
