/** A provider account: an endpoint and the name of the variable that holds its key. */
import type { AccountId } from './ids';
import { hashText } from './text';

export interface NewAccount {
  id: AccountId;
  /** Without a trailing slash, credentials, query or fragment. */
  baseUrl: string;
  keyVariable: string;
  /** Calls in flight, over all workers. */
  concurrency: number;
  /** A stand-in for a model API: results made with it say SIMULATED. */
  simulated: boolean;
  /** Sent with each call. */
  headers: Record<string, HeaderValue>;
  /** The endpoint answers in a stream only. */
  stream: boolean;
}

/** A header's value as it is, or the name of the workers' variable that holds it: secrets are not stored. */
export type HeaderValue = string | { env: string };

/** The same endpoint and key variable are the same account, whichever spec names it. */
export function accountIdOf(baseUrl: string, keyVariable: string): AccountId {
  return `acct_${hashText(JSON.stringify([baseUrl, keyVariable])).slice(0, 16)}` as AccountId;
}

export type Endpoint = { url: string } | { wrong: string };

/** Reads an endpoint's address. What is wrong is said without repeating the address: it may hold a password. */
export function readEndpoint(text: string): Endpoint {
  if (!URL.canParse(text)) return { wrong: 'must be an address such as https://api.example.com/v1' };
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { wrong: 'must begin with https:// or http://' };
  if (url.username || url.password) return { wrong: 'must not hold a user name or a password' };
  if (url.search || url.hash) return { wrong: 'must not have anything after ? or #' };
  return { url: url.href.replace(/\/+$/, '') };
}
