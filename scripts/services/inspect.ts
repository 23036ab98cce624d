import { type Layout, layoutOf } from './layout';
import type { ServiceName } from './parts';
import { accepts, LOOPBACK } from './ports';
import { isAlive, type ProcessIdentity } from './processes';
import { readState } from './state';

export interface ServiceReport {
  readonly pid: number;
  /** The recorded process itself, not another that has its number by now. */
  readonly alive: boolean;
  /** Somebody accepts connections on its port. */
  readonly accepts: boolean;
  readonly port: number;
  readonly address: string;
  readonly logFile: string;
  /** Postgres's data folder, or Temporal's database file. */
  readonly data: string;
}

/** What was last started in a folder and how it is now. Changes nothing and waits for no lock. */
export async function inspectServices(dir: string): Promise<{ [Name in ServiceName]?: ServiceReport }> {
  const layout = layoutOf(dir);
  const { postgres, temporal } = readState(layout);
  return {
    ...(postgres && { postgres: await report(postgres, layout.postgresLog, postgres.dataFolder) }),
    ...(temporal && { temporal: await report(temporal, layout.temporalLog, temporal.database) }),
  };
}

async function report(
  one: ProcessIdentity & { port: number },
  logFile: Layout['postgresLog'],
  data: string,
): Promise<ServiceReport> {
  const { pid, port } = one;
  const answers = await accepts(port);
  return { pid, alive: isAlive(one), accepts: answers, port, address: `${LOOPBACK}:${port}`, logFile, data };
}
