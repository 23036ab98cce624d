/** A Temporal of one test file's own, which it may stop, kill and start again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServices, stopServices } from '../../scripts/services';

export interface OwnTemporal {
  /** Of its data: the same server comes back from it. */
  dir: string;
  /** Starts it, or finds it running. */
  start(): Promise<{ temporalAddress: string }>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export async function ownTemporal(name: string): Promise<OwnTemporal> {
  const dir = await mkdtemp(path.join(tmpdir(), `plumbline-${name}-`));
  const stop = async () => {
    await stopServices(dir);
  };
  return {
    dir,
    start: () => {
      const { TEMPORAL_ADDRESS: _, ...env } = process.env;
      return startServices({ dir, only: ['temporal'], env });
    },
    stop,
    async remove() {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
