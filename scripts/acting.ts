/** Who acts, and whether they may. */
import { recordAct } from '../db/audit';
import type { Db } from '../db/connection';
import { findPerson, listPeople, type Person } from '../db/people';
import type { RoundId } from '../domain/ids';
import type { Role } from '../domain/states';
import { CommandError, EXIT } from './failures';
import { didYouMean } from './intake/suggestions';
import type { Call } from './leaf';

export interface Deed {
  /** As the audit names it: `round.start`. */
  action: string;
  /** What it is done to, for the record of a refusal. */
  subject: string;
  roundId?: RoundId;
  /** Any of these may do it; an admin may do everything. */
  roles: readonly Role[];
}

/**
 * The person a command acts as. A refusal is recorded.
 * @throws CommandError if nobody is meant, or somebody who may not do this.
 */
export async function actingPerson(db: Db, call: Call, deed: Deed): Promise<Person> {
  const person = await meantPerson(db, call.value('as'));
  if (person.roles.includes('admin') || person.roles.some((role) => deed.roles.includes(role))) return person;
  const { action, subject, roundId, roles } = deed;
  const detail = { needs: roles, has: person.roles };
  await recordAct(db, { actor: person.id, action, subject, refused: true, detail, ...(roundId && { roundId }) });
  const message = `${person.name} may not do this: it takes the role ${roles.join(' or ')}`;
  const others = (await listPeople(db)).filter(
    (one) => !one.removedAt && one.roles.some((role) => roles.includes(role)),
  );
  const names = others.slice(0, 5).map((one) => one.name);
  const give = `an operator gives it: plumbline person add "${person.name}" --role ${roles[0]}`;
  const hint = names.length > 0 ? `who has it: ${names.join(', ')} (--as "${names[0]}"); or ${give}` : give;
  throw new CommandError({ kind: 'not-allowed', message, hint, at: '--as' });
}

/** For commands that are told to be typed next: the same person, where one was named. */
export function asAgain(call: Call): string {
  const as = call.value('as');
  return as === undefined ? '' : ` --as ${/^[\w-]+$/.test(as) ? as : JSON.stringify(as)}`;
}

async function meantPerson(db: Db, as: string | undefined): Promise<Person> {
  const wrong = (kind: string, message: string, hint: string) =>
    new CommandError({ kind, message, hint, at: '--as' }, EXIT.wrongUsage);
  if (as === undefined) {
    const operators = (await listPeople(db)).filter((one) => !one.removedAt && one.roles.includes('operator'));
    const [only, ...others] = operators;
    if (!only) throw wrong('nobody', 'there is no operator yet', 'make one: plumbline person add NAME --role operator');
    if (others.length === 0) return only;
    const names = operators.map((one) => one.name).join(', ');
    throw wrong(
      'which-person',
      `there are several operators: ${names}`,
      'say who you are: --as NAME or PLUMBLINE_PERSON',
    );
  }
  const person = await findPerson(db, as);
  if (!person) {
    const names = (await listPeople(db)).filter((one) => !one.removedAt).map((one) => one.name);
    const hint = names.length > 0 ? didYouMean(as, names.slice(0, 50)) : '`plumbline person add` makes people known';
    throw wrong('unknown-person', `nobody is called ${as.slice(0, 100)}`, hint);
  }
  if (person.removedAt)
    throw wrong('removed-person', `${person.name} was removed`, '`plumbline person list` shows who is here');
  return person;
}
