/** When a schedule runs next. */
import { nextTimes } from '../../domain/recurrence';
import type { Timing } from '../../domain/schedules';
import type { Standing } from './standing';

/** As Temporal says, with its jitter; where it does not answer, as the times are stored. None while it is paused or lost. */
export function nextRuns(timing: Timing, standing: Standing | undefined, count: number): Date[] {
  if (standing?.kind === 'lost') return [];
  if (standing?.kind !== 'known') return nextTimes(timing, new Date(), count);
  return standing.state.paused ? [] : standing.state.next.slice(0, count);
}
