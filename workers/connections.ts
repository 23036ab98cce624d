/** Where a worker finds Temporal and Postgres. */
import { loadClientConnectConfig } from '@temporalio/envconfig';

export interface TemporalSettings {
  connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  namespace: string;
}

/** From `TEMPORAL_*` and the profile file, as every Temporal tool reads them. */
export function temporalSettings(): TemporalSettings {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return { connectionOptions, namespace: namespace ?? 'default' };
}
