/** What keeps somebody from labelling, and what to do about it. */
import { CommandError, EXIT } from '../failures';

/** The site does not answer, or not now: asking again may help. */
export class SiteAway extends CommandError {
  constructor(
    url: string,
    readonly reason: string,
  ) {
    const hint =
      'on the machine of the site `plumbline up` starts it; elsewhere check the address: --site-url or PLUMBLINE_SITE_URL';
    super({ kind: 'site-away', message: `the site does not answer at ${url} (${reason})`, hint });
  }
}

/** The labeller has stopped; leases that are left end by themselves. */
export class Left extends Error {
  constructor(readonly how: 'quit' | 'input-ended' | 'interrupted') {
    super(how);
    this.name = 'Left';
  }
}

export function tokenRefused(url: string): CommandError {
  return new CommandError({
    kind: 'token-refused',
    message: `the site at ${url} does not take this token: it is unknown there, or was revoked`,
    hint: 'an operator gives a new one: plumbline person token NAME',
    at: '--token',
  });
}

export function notALabeller(message: string): CommandError {
  return new CommandError({
    kind: 'not-a-labeller',
    message: `this token is not a labeller’s: ${message}`,
    hint: 'an operator makes somebody a labeller: plumbline labeller invite --name NAME',
    at: '--token',
  });
}

export function suspended(): CommandError {
  return new CommandError({
    kind: 'suspended',
    message: 'you are suspended: no items come to you until an operator lifts it',
    hint: 'what you gave before counts; ask an operator: plumbline labeller show NAME says why',
  });
}

export function notAgreed(): CommandError {
  return new CommandError({
    kind: 'consent-needed',
    message: 'without agreeing to the terms there is nothing to label',
    hint: 'nothing is lost: start again when you have made up your mind, or ask an operator about the terms',
  });
}

export function unknownRound(url: string): CommandError {
  const message = `the site at ${url} has no such round`;
  const hint =
    'give the whole id, as `plumbline round list` shows it to operators; or none, for the newest that is open to you';
  return new CommandError({ kind: 'unknown-round', message, hint, at: '[round]' }, EXIT.wrongUsage);
}

export function noRound(url: string): CommandError {
  const message = `the site at ${url} has no round that you may work on now`;
  const hint =
    'an operator starts rounds and says which groups may label them; `plumbline labeller list` shows yours to operators';
  return new CommandError({ kind: 'no-round', message, hint, at: '[round]' });
}

export function notPlumbline(url: string, status: number): CommandError {
  return new CommandError({
    kind: 'not-plumbline',
    message: `what answers at ${url} is no Plumbline site of this version (HTTP ${status})`,
    hint: 'check the address: --site-url or PLUMBLINE_SITE_URL',
    at: '--site-url',
  });
}
