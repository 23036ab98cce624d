import { mkdirSync, rmSync } from 'node:fs';
import { asServiceError, ServiceError } from './errors';
import { type Layout, layoutOf } from './layout';
import { lock } from './locks';
import { type Origin, SERVICE_NAMES, type ServiceName, type Start } from './parts';
import type { Durability } from './postgres/cluster';
import { startPostgres } from './postgres/server';
import { removeData, stopParts } from './stop';
import { startTemporal } from './temporal/server';
import { beginUse, type Use } from './use';

/** Longer than a first start that has to build Temporal. */
const LOCK_MS = 25 * 60_000;

export interface StartOptions<Name extends ServiceName = ServiceName> {
  /** The folder that holds everything of these services: data, logs, locks, state. */
  readonly dir: string;
  /** Told in whole lines what takes time. */
  readonly progress?: (line: string) => void;
  /** Which services are wanted; both if left out. */
  readonly only?: readonly Name[];
  /** `DATABASE_URL` and `TEMPORAL_ADDRESS` in it win: then nothing is started for that part. */
  readonly env?: NodeJS.ProcessEnv;
  readonly durability?: Durability;
  /**
   * Begin with empty services: what runs there is stopped and all data removed. For tests. Throws an `in-use`
   * ServiceError where another process uses them.
   */
  readonly fresh?: boolean;
}

interface Addresses {
  readonly postgres: { readonly databaseUrl: string };
  readonly temporal: {
    readonly temporalAddress: string;
    /** Missing where TEMPORAL_ADDRESS names a Temporal of the user's own. */
    readonly temporalUiUrl?: string;
  };
}

type AllOf<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

export type LocalServices<Name extends ServiceName = ServiceName> = AllOf<Addresses[Name]> & {
  readonly origins: { readonly [Part in Name]: Origin };
  /**
   * Ends this process's use of the services. They are stopped if nobody else uses them, whoever started them; true then.
   * A process that ends without it has ended its use too, and leaves them running for the next start to adopt.
   */
  release(): Promise<boolean>;
};

/**
 * Makes the local services answer: adopts what runs and answers as ours, clears what does not, starts what is missing on
 * the data that is there. Any number of processes may call it for one folder at once.
 * Throws ServiceError; then nothing that it started is left running.
 */
export async function startServices<Name extends ServiceName = ServiceName>(
  options: StartOptions<Name>,
): Promise<LocalServices<Name>> {
  const { dir, env = process.env, progress = () => undefined, durability = 'full', fresh = false } = options;
  const names: readonly ServiceName[] = options.only ?? SERVICE_NAMES;
  const start = { layout: layoutOf(dir), env, durability, progress };
  if (names.every((name) => givenAddresses(name, env))) {
    return assemble<Name>(await Promise.all(names.map((name) => startPart(name, start))), async () => false);
  }
  refuseWindows();
  try {
    return assemble<Name>(...(await startUnderLock(names, start, fresh)));
  } catch (error) {
    throw asServiceError(error, `the services in ${start.layout.dir} could not be started`);
  }
}

async function startUnderLock(
  names: readonly ServiceName[],
  start: Start,
  fresh: boolean,
): Promise<[Part[], () => Promise<boolean>]> {
  const { layout, progress } = start;
  makeFolders(layout);
  const waiting = (holder?: number) =>
    progress(`waiting for another process (${holder ?? 'unknown'}) that starts or stops the services`);
  const held = await lock(layout.lockFile, { withinMs: LOCK_MS, waiting });
  const use = beginUse(layout);
  try {
    if (fresh) await startAfresh(layout, use);
    return [await startParts(names, start, use), () => release(layout, use)];
  } catch (error) {
    use.end();
    throw error;
  } finally {
    held.release();
  }
}

async function startAfresh(layout: Layout, use: Use): Promise<void> {
  if (!use.alone) {
    const hint = 'Wait until that process has ended, or use another folder.';
    throw new ServiceError('in-use', `another process uses the services in ${layout.dir}`, hint);
  }
  await stopParts(layout);
  removeData(layout);
  rmSync(layout.logs, { recursive: true, force: true });
  makeFolders(layout);
}

type Part = { readonly name: ServiceName; readonly origin: Origin; readonly addresses: object };

/** Both at once. If one fails, nothing that this call began is left running, unless somebody else uses it already. */
async function startParts(names: readonly ServiceName[], start: Start, use: Use): Promise<Part[]> {
  const results = await Promise.allSettled(names.map((name) => startPart(name, start)));
  const failure = results.find((result) => result.status === 'rejected');
  if (!failure) return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const foundRunning = results.map((result) => result.status === 'fulfilled' && result.value.origin !== 'started');
  const begun = names.filter((_, index) => !foundRunning[index]);
  if (use.end()) await stopParts(start.layout, begun);
  throw failure.reason;
}

async function startPart(name: ServiceName, start: Start): Promise<Part> {
  const given = givenAddresses(name, start.env);
  if (given) return { name, origin: 'environment', addresses: given };
  const { origin, ...addresses } = await (name === 'postgres' ? startPostgres(start) : startTemporal(start));
  return { name, origin, addresses };
}

/** What the environment says; then nothing is started for that part. */
function givenAddresses(name: ServiceName, env: NodeJS.ProcessEnv): object | undefined {
  const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress } = env;
  if (name === 'postgres') return databaseUrl ? { databaseUrl } : undefined;
  return temporalAddress ? { temporalAddress } : undefined;
}

function assemble<Name extends ServiceName>(parts: Part[], release: () => Promise<boolean>): LocalServices<Name> {
  const origins = Object.fromEntries(parts.map(({ name, origin }) => [name, origin]));
  return Object.assign({ origins, release }, ...parts.map(({ addresses }) => addresses));
}

async function release(layout: Layout, use: Use): Promise<boolean> {
  const held = await lock(layout.lockFile, { withinMs: LOCK_MS });
  try {
    if (!use.end()) return false;
    await stopParts(layout);
    return true;
  } finally {
    held.release();
  }
}

/** Root's Postgres is another user's, who must be able to pass through; what lies inside is closed one by one. */
function makeFolders(layout: Layout): void {
  mkdirSync(layout.dir, { recursive: true, mode: 0o711 });
  mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
}

function refuseWindows(): void {
  if (process.platform !== 'win32') return;
  const hint = 'Run Plumbline inside WSL, or set DATABASE_URL and TEMPORAL_ADDRESS to services that run elsewhere.';
  throw new ServiceError('unsupported', 'the local services do not run on Windows itself', hint);
}
