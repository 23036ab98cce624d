import type { Command } from 'commander';
import { recordAct } from '../../db/audit';
import type { Db } from '../../db/connection';
import {
  addPerson,
  addToken,
  findPerson,
  listPeople,
  PeopleError,
  type Person,
  removePerson,
  replaceTokens,
} from '../../db/people';
import { ROLES, type Role } from '../../domain/states';
import { actingPerson } from '../acting';
import { CommandError } from '../failures';
import { withDatabase } from '../finding';
import { addLeaf, addNoun, type Call } from '../leaf';
import { count, table } from '../output';

const HEADINGS = ['id', 'name', 'roles', ''];

export function addPersonCommands(program: Command): void {
  const person = addNoun(program, 'person', 'people and their roles', 'person add Olga --role operator');
  addLeaf(person, {
    usage: 'add <name>',
    text: 'adds somebody, or gives roles to somebody known; whoever is new gets a token, shown once',
    flags: [
      { flags: '--role <role>', text: `one of ${ROLES.join(', ')}`, choices: ROLES, repeats: true, required: true },
      { flags: '--token', text: 'a new token also for somebody known' },
    ],
    examples: ['person add Olga --role operator', 'person add Rosa --role researcher --role lead --as Olga'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => add(db, call)),
  });
  addLeaf(person, {
    usage: 'list',
    text: 'everybody, with their roles',
    examples: ['person list --json'],
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(person, {
    usage: 'show <person>',
    text: 'one person, by name or id',
    examples: ['person show Olga'],
    run: (call) => withDatabase((db) => show(db, call)),
  });
  addLeaf(person, {
    usage: 'token <person>',
    text: 'ends all tokens of a person, a labeller too, and gives a new one, shown once',
    flags: [{ flags: '--revoke', text: 'gives no new one' }],
    examples: ['person token Anna', 'person token Anna --revoke'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => renewToken(db, call)),
  });
  addLeaf(person, {
    usage: 'remove <person>',
    text: 'ends somebody’s access; what they did stays under their name',
    examples: ['person remove Olga --as Ines'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => remove(db, call)),
  });
}

async function add(db: Db, call: Call): Promise<undefined> {
  const [name = ''] = call.args;
  const roles = ROLES.filter((role) => call.values('role').includes(role));
  const action = 'person.add';
  const first = await isFirst(db, roles);
  const actor = first ? undefined : await actingPerson(db, call, { action, subject: name, roles: ['operator'] });
  if (call.on('dryRun')) {
    call.output.record({ event: 'would-add', name, roles }, `would add ${name} as ${roles.join(', ')}`);
    return;
  }
  const { id, added } = await addPerson(db, { name, roles });
  const token = added || call.on('token') ? await addToken(db, id) : undefined;
  await recordAct(db, {
    actor: actor?.id ?? id,
    action,
    subject: id,
    detail: { roles, added, token: token !== undefined },
  });
  const said = `${added ? 'added' : 'known already:'} ${name} (${id}), ${roles.join(', ')}`;
  call.output.record(
    { event: 'added', personId: id, name, roles, added, ...(token && { token }) },
    token ? `${said}\ntoken, shown this once: ${token}` : said,
  );
}

/** Where nobody may add people yet, whoever reaches the database makes the first operator. */
async function isFirst(db: Db, roles: readonly Role[]): Promise<boolean> {
  if (!mayOperate(roles)) return false;
  return !(await listPeople(db)).some((one) => !one.removedAt && mayOperate(one.roles));
}

async function list(db: Db, { output }: Call): Promise<undefined> {
  const people = await listPeople(db);
  output.records(people.map(recordOf), people.length > 0 ? table(HEADINGS, people.map(rowOf)) : 'nobody yet');
}

async function show(db: Db, { args: [sought = ''], output }: Call): Promise<undefined> {
  const one = await knownPerson(db, sought);
  output.record(recordOf(one), table(HEADINGS, [rowOf(one)]));
}

async function renewToken(db: Db, call: Call): Promise<undefined> {
  const one = await knownPerson(db, call.args[0] ?? '');
  const action = 'person.token';
  const actor = await actingPerson(db, call, { action, subject: one.id, roles: ['operator'] });
  const only = call.on('revoke');
  if (call.on('dryRun')) {
    call.output.record({ event: 'would-revoke', personId: one.id }, `would end the tokens of ${one.name}`);
    return;
  }
  const { revoked, token } = await replaceTokens(db, one.id, { only });
  await recordAct(db, { actor: actor.id, action, subject: one.id, detail: { revoked, token: token !== null } });
  const said = `${count(revoked, 'token')} of ${one.name} ended`;
  call.output.record(
    { event: 'revoked', personId: one.id, revoked, ...(token && { token }) },
    token ? `${said}\ntoken, shown this once: ${token}` : said,
  );
}

async function remove(db: Db, call: Call): Promise<undefined> {
  const one = await knownPerson(db, call.args[0] ?? '');
  const action = 'person.remove';
  const actor = await actingPerson(db, call, { action, subject: one.id, roles: ['operator'] });
  await refuseLast(db, one);
  if (call.on('dryRun')) {
    call.output.record({ event: 'would-remove', personId: one.id }, `would remove ${one.name}`);
    return;
  }
  const { changed, removedAt } = await removePerson(db, one.id);
  if (changed) await recordAct(db, { actor: actor.id, action, subject: one.id });
  const said = changed ? `removed ${one.name}` : `${one.name} was removed before`;
  call.output.record({ event: 'removed', personId: one.id, changed, removedAt: removedAt.toISOString() }, said);
}

/** Without an operator nobody could add one. */
async function refuseLast(db: Db, one: Person): Promise<void> {
  const others = (await listPeople(db)).filter((other) => !other.removedAt && other.id !== one.id);
  if (one.removedAt || others.some(({ roles }) => mayOperate(roles))) return;
  const hint = 'make another first: plumbline person add NAME --role operator';
  throw new CommandError({ kind: 'last-operator', message: `${one.name} is the last operator`, hint });
}

function mayOperate(roles: readonly Role[]): boolean {
  return roles.includes('operator') || roles.includes('admin');
}

async function knownPerson(db: Db, sought: string): Promise<Person> {
  const one = await findPerson(db, sought);
  if (one) return one;
  throw new PeopleError('unknown-person', `nobody is called ${sought.slice(0, 100)}`, 'see `plumbline person list`');
}

function recordOf({ id, name, roles, createdAt, removedAt }: Person) {
  return { personId: id, name, roles, createdAt: createdAt.toISOString(), removedAt: removedAt?.toISOString() ?? null };
}

function rowOf({ id, name, roles, removedAt }: Person): string[] {
  return [id, name, roles.join(', '), removedAt ? `removed ${removedAt.toISOString()}` : ''];
}
