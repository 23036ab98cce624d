/** Every side effect of a round, a file per stage. Running any of them twice changes nothing. */

import type { Db } from '../db/connection';
import { labellingActivities } from './labelling';
import { measuringActivities } from './measuring';
import { openingActivities } from './opening';
import { rulingActivities } from './rulings';
import { scheduleActivities } from './schedules';
import { type SearchProbe, steeringActivities, type WorkflowProbe } from './steering';

export function roundActivities(db: Db, probe: WorkflowProbe, isSearchable: SearchProbe) {
  return {
    ...openingActivities(db),
    ...labellingActivities(db),
    ...measuringActivities(db),
    ...rulingActivities(db),
    ...scheduleActivities(db),
    ...steeringActivities(db, probe, isSearchable),
  };
}
export type RoundActivities = ReturnType<typeof roundActivities>;
