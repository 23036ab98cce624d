/** Everything that `plumbline up` runs, from the first process to the last: services, schema, operator, workers, site. */
import path from 'node:path';
import { migrate } from '../../db/migrate';
import { shownUrl, stateFolder } from '../finding';
import type { LocalServices } from '../services';
import { choosePort } from '../services/ports';
import { identify } from '../services/processes';
import { SupervisedChild } from './child';
import { ensureOperator, type FirstOperator } from './firstOperator';
import { ServiceKeeper } from './keeper';
import { endLeftovers, WORKER_PATIENCE_MS } from './leftovers';
import { programOf, SITE, WORKER } from './programs';
import { type Addresses, readUpState, type UpState, writeUpState } from './state';

export interface Tellings {
  /** What takes time, or has happened: for people. */
  progress(line: string): void;
  /** The first operator's token: never to be written to a log. */
  operator(operator: FirstOperator): void;
}

export interface Running {
  addresses: Addresses;
  /** Site, workers, services, in this order. */
  stop(): Promise<void>;
  /** Ends the site and the workers at once. */
  kill(): void;
}

/** The variable that accounts of simulated models name as their key's. */
export const SIMULATION_KEY = 'PLUMBLINE_SIMULATION_KEY';

const SITE_PATIENCE_MS = 10_000;

/** The caller holds the lock of `up`. @throws what keeps a part from starting; then the others are stopped again. */
export async function startEverything({ progress, operator }: Tellings): Promise<Running> {
  const ourselves = identify(process.pid);
  if (!ourselves) throw new Error('the system does not know this process');
  // Ours from here on, and without addresses until they answer; what was left is named until it has ended.
  const { children: left = {}, sitePort: lastPort } = readUpState() ?? {};
  const startedAt = new Date().toISOString();
  writeUpState({ supervisor: ourselves, startedAt, children: left, sitePort: lastPort });
  await endLeftovers(left, progress);
  const sitePort = await sitePortOf(lastPort);
  const state: UpState = { supervisor: ourselves, startedAt, children: {}, sitePort };
  writeUpState(state);

  // Loaded here, because Temporal's client behind it takes longer to load than most commands take to run.
  const { startServices }: typeof import('../services') = require('../services');
  const environment = { ...process.env };
  progress('starting Postgres and Temporal');
  const services = await startServices({ dir: stateFolder(), env: environment, progress });
  const keeper = new ServiceKeeper(services, environment, progress);
  const env = environmentOf(services);
  const children: SupervisedChild[] = [];
  const child = (name: string, file: string, extra: Record<string, string>, readyEvent: string, patienceMs: number) => {
    const supervised = new SupervisedChild({
      name,
      program: programOf(file),
      env: { ...env, ...extra },
      logFile: path.join(stateFolder(), 'logs', `${name}.log`),
      readyEvent,
      patienceMs,
      tell: progress,
      started: (identity) => {
        state.children[name] = identity;
        writeUpState(state);
      },
    });
    children.unshift(supervised);
    return supervised;
  };
  const stop = async () => {
    for (const one of children) await one.stop();
    delete state.addresses;
    writeUpState({ ...state, children: {} });
    await keeper.stop();
  };

  try {
    await migrate(services.databaseUrl);
    const first = await ensureOperator(services.databaseUrl);
    if (first) operator(first);
    progress('starting a worker and the site');
    const worker = child('worker', WORKER, {}, 'ready', WORKER_PATIENCE_MS);
    const sitePart = sitePort ? { PLUMBLINE_SITE_PORT: String(sitePort) } : {};
    const site = child('site', SITE, sitePart, 'listening', SITE_PATIENCE_MS);
    const [, listening] = await Promise.all([worker.start(), site.start()]);
    const addresses = {
      site: String(listening.url),
      temporal: services.temporalAddress,
      temporalUi: services.temporalUiUrl ?? null,
      postgres: shownUrl(services.databaseUrl),
    };
    state.addresses = addresses;
    writeUpState(state);
    const kill = () => {
      for (const one of children) one.kill();
    };
    return { addresses, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentOf(services: LocalServices): Record<string, string> {
  return {
    DATABASE_URL: services.databaseUrl,
    TEMPORAL_ADDRESS: services.temporalAddress,
    // No secret: whoever runs here may ask the simulated models.
    [SIMULATION_KEY]: 'simulated',
  };
}

/** The port of the last time if it is free, so that bookmarks last; none where the environment says which. */
async function sitePortOf(last: number | undefined): Promise<number | undefined> {
  return process.env.PLUMBLINE_SITE_PORT ? undefined : choosePort(last);
}
