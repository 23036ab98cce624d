/** Which account each model uses, checked on what was written even where other settings are still wrong. */
import { accountIdOf, type NewAccount, readEndpoint } from '../../domain/accounts';
import { type AccountEntry, DEFAULT_ACCOUNT, DEFAULT_CONCURRENCY } from './accountShape';
import { isGroup } from './kinds';
import { didYouMean } from './suggestions';
import type { FieldPath } from './yaml';

/** The environment that a spec may lean on. */
export type Environment = Readonly<Record<string, string | undefined>>;
export interface Fault {
  path: FieldPath;
  message: string;
  hint?: string;
}

const DEFAULT_KEY = 'OPENAI_API_KEY';

interface Outline {
  /** `account` undefined: it needs none, its completions are given. */
  models: { name: string | undefined; account: string | undefined }[];
  accounts: Map<string, Record<string, unknown>>;
}

/** What does not fit together: names given twice, accounts that are not there or lack an endpoint. */
export function accountFaults(raw: unknown, env: Environment): Fault[] {
  const { models, accounts } = outlineOf(raw);
  const faults: Fault[] = [];
  models.forEach(({ name, account }, i) => {
    if (name !== undefined && models.findIndex((other) => other.name === name) < i) {
      const hint = 'give one of them another name; what the endpoint calls it goes under model';
      faults.push({ path: ['models', i, 'name'], message: `two models are called ${name}`, hint });
    }
    if (account !== undefined && account !== DEFAULT_ACCOUNT && !accounts.has(account)) {
      const hint = didYouMean(account, [...accounts.keys(), DEFAULT_ACCOUNT]);
      faults.push({ path: ['models', i, 'account'], message: `there is no account ${account}`, hint });
    }
  });
  for (const account of new Set(models.map((model) => model.account))) {
    if (account === undefined) continue;
    const settings = accounts.get(account) ?? (account === DEFAULT_ACCOUNT ? {} : undefined);
    if (settings) faults.push(...endpointFaults(account, settings, env));
  }
  return faults;
}

function endpointFaults(account: string, settings: Record<string, unknown>, env: Environment): Fault[] {
  const faults: Fault[] = [];
  const path = ['accounts', account];
  const given = endpointOf(account, settings.base_url, env);
  if (given === undefined) {
    const hint =
      account === DEFAULT_ACCOUNT
        ? 'set OPENAI_BASE_URL, in the environment or in .env, or accounts.default.base_url'
        : `set accounts.${account}.base_url`;
    faults.push({ path: [...path, 'base_url'], message: `account ${account} has no endpoint`, hint });
  } else if (typeof given === 'string') {
    const endpoint = readEndpoint(given);
    const source = settings.base_url === undefined ? 'OPENAI_BASE_URL ' : '';
    if ('wrong' in endpoint) faults.push({ path: [...path, 'base_url'], message: source + endpoint.wrong });
  }
  if (settings.key_env === undefined && account !== DEFAULT_ACCOUNT) {
    const hint = `set accounts.${account}.key_env to the name of the variable that holds its key`;
    faults.push({ path: [...path, 'key_env'], message: `account ${account} has no key`, hint });
  }
  return faults;
}

/** The accounts that the models use, by the name they have in the file. Only for a file without faults. */
export function accountsInUse(
  models: readonly { account: string; completions: 'generated' | 'given' }[],
  accounts: Readonly<Record<string, AccountEntry>>,
  env: Environment,
): Map<string, NewAccount> {
  const inUse = new Map<string, NewAccount>();
  for (const { account, completions } of models) {
    if (completions === 'given') continue;
    const entry = Object.hasOwn(accounts, account) ? accounts[account] : undefined;
    const endpoint = readEndpoint(endpointOf(account, entry?.base_url, env) ?? '');
    if ('wrong' in endpoint) throw new Error(`account ${account} has passed the checks without an endpoint`);
    const keyVariable = entry?.key_env ?? DEFAULT_KEY;
    inUse.set(account, {
      id: accountIdOf(endpoint.url, keyVariable),
      baseUrl: endpoint.url,
      keyVariable,
      concurrency: entry?.concurrency ?? DEFAULT_CONCURRENCY,
      simulated: entry?.simulated ?? false,
      headers: entry?.headers ?? {},
      stream: entry?.stream ?? false,
    });
  }
  return inUse;
}

/** Only the default account leans on the environment: another one's calls must never go where they were not meant to. */
function endpointOf<T>(account: string, given: T | undefined, env: Environment): T | string | undefined {
  return given ?? (account === DEFAULT_ACCOUNT ? env.OPENAI_BASE_URL || undefined : undefined);
}

function outlineOf(raw: unknown): Outline {
  const { models, accounts } = fieldsOf(raw);
  const entries = Array.isArray(models) ? models : [];
  return {
    models: entries.map((entry: unknown) => {
      const { name, account, completions } = typeof entry === 'string' ? { name: entry } : fieldsOf(entry);
      const named = typeof account === 'string' ? account : DEFAULT_ACCOUNT;
      return {
        name: typeof name === 'string' ? name : undefined,
        account: completions === 'given' ? undefined : named,
      };
    }),
    accounts: new Map(Object.entries(fieldsOf(accounts)).map(([name, settings]) => [name, fieldsOf(settings)])),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return isGroup(value) ? Object.fromEntries(Object.entries(value)) : {};
}
