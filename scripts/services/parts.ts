import type { Layout } from './layout';
import type { Durability } from './postgres/cluster';

export const SERVICE_NAMES = ['postgres', 'temporal'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Where a service came from: this start, an earlier one, or the environment (`DATABASE_URL`, `TEMPORAL_ADDRESS`). */
export type Origin = 'started' | 'adopted' | 'environment';

/** What starting either service needs to know. The caller holds the services' lock. */
export interface Start {
  readonly layout: Layout;
  readonly env: NodeJS.ProcessEnv;
  readonly durability: Durability;
  /** Told in whole lines what takes time. */
  readonly progress: (line: string) => void;
}
