/** Where the site is, and by which token one works there. */
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';
import { readUpState } from '../supervisor/state';
import type { Keys } from './keys';
import { readLine } from './line';
import type { Screen } from './screen';

/** The address without a slash at its end. @throws CommandError if there is none, or one that is no address. */
export function siteOf(call: Call): string {
  const given = call.value('siteUrl') ?? readUpState()?.addresses?.site;
  if (given === undefined) {
    const hint = 'give it with --site-url or PLUMBLINE_SITE_URL; `plumbline up` starts a site here';
    throw wrong('site-unknown', 'the site’s address is not known here', hint, '--site-url');
  }
  const url = URL.parse(given);
  const usable = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (usable) return (url.origin + url.pathname).replace(/\/+$/, '');
  const hint = 'write it as https://HOST or http://HOST:PORT, without a user and a password';
  throw wrong('site-address', 'is not the address of a site', hint, '--site-url');
}

/** Printable ASCII without spaces: what may stand in the header it is sent in. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * The token as given, else as typed without being shown.
 * @throws CommandError if there is none and nobody to ask, or it cannot be one.
 */
export async function tokenOf(call: Call, keys: Keys, screen: Screen): Promise<string> {
  const given = call.value('token') ?? (keys.terminal ? await typed(keys, screen) : undefined);
  const token = given?.trim() ?? '';
  if (TOKEN.test(token)) return token;
  const hint = 'set PLUMBLINE_LABELLER_TOKEN, in the environment or in .env, to the token of your invitation';
  const message = token === '' ? 'no token was given' : 'what was given is no token';
  throw wrong('token-missing', message, hint, '--token');
}

async function typed(keys: Keys, screen: Screen): Promise<string | undefined> {
  return readLine(keys, screen, { label: 'Your token, as your invitation has it (it is not shown): ', shown: false });
}

function wrong(kind: string, message: string, hint: string, at: string): CommandError {
  return new CommandError({ kind, message, hint, at }, EXIT.wrongUsage);
}
