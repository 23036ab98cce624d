import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Layout } from './layout';

const port = z.int().min(1).max(65535);
const identity = { pid: z.int().positive(), started: z.string().min(1) };

const postgresRecord = z.object({ ...identity, port, dataFolder: z.string() });
const temporalRecord = z.object({ ...identity, port, uiPort: port, database: z.string(), command: z.string() });

/**
 * `services.json`: what was started last. The process may be long gone and its number another's: a record is a claim to
 * be checked, and its ports are what a restart tries first.
 */
const servicesState = z.object({ postgres: postgresRecord.optional(), temporal: temporalRecord.optional() });

export type PostgresRecord = z.infer<typeof postgresRecord>;
export type TemporalRecord = z.infer<typeof temporalRecord>;
export type ServicesState = z.infer<typeof servicesState>;

/** What the file says; nothing where it is missing, cut short or not ours. */
export function readState(layout: Layout): ServicesState {
  try {
    const found = servicesState.safeParse(JSON.parse(readFileSync(layout.stateFile, 'utf8')));
    return found.success ? found.data : {};
  } catch {
    return {};
  }
}

/** Writes one service's record beside the other's. The caller holds the services' lock. */
export function record(layout: Layout, change: ServicesState): void {
  const text = JSON.stringify({ ...readState(layout), ...change }, null, 2);
  const written = `${layout.stateFile}.new`;
  try {
    writeFileSync(written, `${text}\n`, { mode: 0o600, flush: true });
    renameSync(written, layout.stateFile);
  } catch (error) {
    rmSync(written, { force: true });
    throw error;
  }
}
