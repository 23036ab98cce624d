/** What the labelling bench runs on: Postgres and Temporal of its own, a site, and a worker while one is wanted. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Connection, connect } from '../db/connection';
import { migrate } from '../db/migrate';
import { removeServices, startServices } from '../scripts/services';
import { layoutOf } from '../scripts/services/layout';
import { readState } from '../scripts/services/state';
import { cpuOf, cpuOfFamily } from './labellingCpu';
import { type Running, start } from './process';

export interface Parts extends Connection {
  databaseUrl: string;
  temporalAddress: string;
  siteUrl: string;
  startWorker(): Promise<Running>;
  /** Seconds so far. */
  cpu(): { site: number; postgres: number; temporal: number };
  stop(): Promise<void>;
}

export async function startParts(progress: (line: string) => void): Promise<Parts> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plumbline-bench-'));
  const dir = path.join(folder, '.plumbline');
  const { DATABASE_URL: _, TEMPORAL_ADDRESS: __, ...env } = process.env;
  const running: Running[] = [];
  let connection: Connection | undefined;
  const stop = async () => {
    for (const one of running) await one.stop();
    await connection?.close();
    await removeServices(dir);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { databaseUrl, temporalAddress } = await startServices({ dir, env, progress });
    await migrate(databaseUrl);
    connection = connect(databaseUrl, { max: 4, name: 'bench' });
    const common = { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, PLUMBLINE_LOG_LEVEL: 'info' };
    const site = start('site/server/main.ts', [], { ...common, PLUMBLINE_SITE_PORT: '0' });
    running.push(site);
    const { url } = await site.said('listening');
    const state = readState(layoutOf(dir));
    const [postgres, temporal] = [state.postgres?.pid ?? 0, state.temporal?.pid ?? 0];
    return {
      ...connection,
      databaseUrl,
      temporalAddress,
      siteUrl: String(url),
      async startWorker() {
        const queue = `bench-${randomBytes(4).toString('hex')}`;
        const worker = start('workers/main.ts', [], { ...common, PLUMBLINE_TASK_QUEUE: queue });
        running.push(worker);
        await worker.said('ready');
        return worker;
      },
      cpu: () => ({ site: cpuOf(site.pid), postgres: cpuOfFamily(postgres), temporal: cpuOf(temporal) }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
