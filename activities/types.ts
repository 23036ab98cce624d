/** What workflows may know of activities: their types. The only file of this folder that `workflows/` imports. */
import type { RoundActivities } from '.';
import type { Chunk, GenerationActivities } from './generation';
import type { RunningRound } from './schedules';

export type { Chunk, GenerationActivities, RoundActivities, RunningRound };
