/** Clients of provider accounts, with keys and secret headers from the worker's environment. */
import type { AccountRow } from '../db/generation/plan';
import { modelClient } from './modelApi';

/** Reads a variable of the environment by its name. */
export type KeyOf = (variable: string) => string | undefined;

/** @returns the variables that an account needs and the worker lacks. */
export function missingVariables({ keyVariable, headers }: AccountRow, keyOf: KeyOf): string[] {
  const needed = [
    keyVariable,
    ...Object.values(headers).flatMap((value) => (typeof value === 'string' ? [] : [value.env])),
  ];
  return needed.filter((variable) => !keyOf(variable));
}

/** One client, and so one connection pool, per endpoint, key and headers. */
export function modelClients(keyOf: KeyOf) {
  const clients = new Map<string, ReturnType<typeof modelClient>>();
  return {
    /** @returns undefined where the worker lacks a key. */
    of(account: AccountRow) {
      const key = keyOf(account.keyVariable);
      if (!key || missingVariables(account, keyOf).length > 0) return undefined;
      const headers = Object.fromEntries(
        Object.entries(account.headers).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : (keyOf(value.env) ?? ''),
        ]),
      );
      const name = JSON.stringify([account.baseUrl, key, headers]);
      const client = clients.get(name) ?? modelClient(account.baseUrl, key, headers);
      clients.set(name, client);
      return client;
    },
  };
}
