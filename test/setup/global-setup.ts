/** Starts what all test files share, once per `npm test`, and tells them by environment variables where it is. */
import { join, resolve } from 'node:path';
import { type LocalServices, ServiceError, startServices } from '../../scripts/services';
import { layoutOf } from '../../scripts/services/layout';
import { readState } from '../../scripts/services/state';
import { prepareBundle, prepareTemplate } from './prepare';
import { keepRunning, stopRunning } from './running';

const FOLDER = process.env.PLUMBLINE_TEST_DIR ?? join(__dirname, '../../.plumbline-test');

/** More runs at once than this in one checkout are a mistake. */
const RUNS_AT_ONCE = 8;

export default async function globalSetup(): Promise<void> {
  const { services, dir } = await startForThisRun();
  const { databaseUrl, temporalAddress } = services;
  keepRunning(services);
  try {
    const superuserUrl = toPostgresDatabase(databaseUrl);
    const bundle = join(dir, 'workflow-bundle.js');
    forgetUsersOwn(process.env);
    process.env.PLUMBLINE_TEST_DATABASE_URL = superuserUrl;
    process.env.PLUMBLINE_TEST_TEMPORAL_ADDRESS = temporalAddress;
    process.env.PLUMBLINE_WORKFLOW_BUNDLE = bundle;
    const { temporal } = readState(layoutOf(dir));
    if (temporal) process.env.PLUMBLINE_TEST_TEMPORAL_CLI = temporal.command;
    await Promise.all([prepareTemplate(superuserUrl), prepareBundle(bundle)]);
  } catch (error) {
    await stopRunning();
    throw error;
  }
}

/**
 * Empty services in the first folder that no other run uses. So runs at once never meet, and what a killed run left,
 * alive or not, is cleared by the next.
 */
async function startForThisRun(): Promise<{ services: LocalServices; dir: string }> {
  for (let run = 1; ; run++) {
    const dir = resolve(FOLDER, String(run));
    try {
      return { dir, services: await startServices({ dir, env: environmentForServices(), fresh: true, progress }) };
    } catch (error) {
      if (run === RUNS_AT_ONCE || !(error instanceof ServiceError)) throw error;
      if (error.kind !== 'in-use') throw new Error(`${error.message}\n${error.hint}`, { cause: error });
    }
  }
}

/** Tests run on services of the user's own only where these are named for tests: they create and drop databases. */
function environmentForServices(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  delete env.DATABASE_URL;
  delete env.TEMPORAL_ADDRESS;
  const { PLUMBLINE_TEST_DATABASE_URL: database, PLUMBLINE_TEST_TEMPORAL_ADDRESS: temporal } = env;
  return { ...env, ...(database && { DATABASE_URL: database }), ...(temporal && { TEMPORAL_ADDRESS: temporal }) };
}

/** No test may reach, by an oversight, what the user's environment names: a database, a Temporal, a paid model API. */
function forgetUsersOwn(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) {
    if (name === 'TEMPORAL_CLI_PATH') continue;
    if (name === 'DATABASE_URL' || /^(TEMPORAL|OPENAI)_/.test(name)) delete env[name];
  }
}

function toPostgresDatabase(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  return url.href;
}

function progress(line: string): void {
  process.stderr.write(`tests: ${line}\n`);
}
