/** People and their roles. */
import { asc, eq, or, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import type { Role } from '../../domain/states';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { newPersonId } from '../newIds';
import { people, personRoles } from '../schema';
import { PeopleError, removedPerson } from './errors';

export interface Person {
  id: PersonId;
  name: string;
  /** In alphabetical order. */
  roles: Role[];
  createdAt: Date;
  /** A removed person signs in no more; what they did stays under their id and name. */
  removedAt: Date | null;
}

/**
 * Adds a person by name, or gives roles to the one who has this name already.
 * @throws PeopleError for an empty name, or the name of somebody removed.
 */
export function addPerson(
  db: Db,
  { name, roles }: { name: string; roles: readonly Role[] },
): Promise<{ id: PersonId; added: boolean }> {
  return db.transaction((tx) => ensurePerson(tx, name, roles));
}

/** The same inside a transaction. */
export async function ensurePerson(
  tx: Tx,
  name: string,
  roles: readonly Role[],
): Promise<{ id: PersonId; added: boolean }> {
  const called = wellFormed(name).trim();
  if (called === '') throw new PeopleError('no-name', 'a person needs a name', 'give the name by which you know them');
  const inserted = await tx
    .insert(people)
    .values({ id: newPersonId(), name: called })
    .onConflictDoNothing({ target: people.name })
    .returning({ id: people.id });
  const [person] = await tx.select().from(people).where(eq(people.name, called)).for('update');
  if (!person) throw new Error('a person was not inserted');
  if (person.removedAt) throw removedPerson(person);
  if (roles.length > 0) {
    await tx
      .insert(personRoles)
      .values(roles.map((role) => ({ personId: person.id, role })))
      .onConflictDoNothing();
  }
  return { id: person.id, added: inserted.length > 0 };
}

/** By name. */
export async function listPeople(tx: Tx): Promise<Person[]> {
  return selectPeople(tx).orderBy(asc(people.name));
}

/** Somebody by id or by name; the id wins. */
export async function findPerson(tx: Tx, idOrName: string): Promise<Person | undefined> {
  const sought = wellFormed(idOrName);
  const [person] = await selectPeople(tx)
    .where(or(sql`${people.id} = ${sought}`, eq(people.name, sought)))
    .orderBy(sql`${people.id} = ${sought} desc`)
    .limit(1);
  return person;
}

/** Removes somebody, whose tokens are then worth nothing; a second time changes nothing. @throws PeopleError if unknown. */
export function removePerson(db: Db, id: PersonId): Promise<{ removedAt: Date; changed: boolean }> {
  return db.transaction(async (tx) => {
    const { removedAt } = await lockPerson(tx, id);
    if (removedAt) return { removedAt, changed: false };
    const [row] = await tx
      .update(people)
      .set({ removedAt: sql`now()` })
      .where(eq(people.id, id))
      .returning({ removedAt: people.removedAt });
    if (!row?.removedAt) throw new Error('a locked person was not there');
    return { removedAt: row.removedAt, changed: true };
  });
}

/** @throws PeopleError if nobody has this id. */
export async function lockPerson(tx: Tx, id: PersonId): Promise<typeof people.$inferSelect> {
  const [person] = await tx.select().from(people).where(eq(people.id, id)).for('update');
  if (!person) throw new PeopleError('unknown-person', `nobody has the id ${id}`, 'see `plumbline person list`');
  return person;
}

/** People with their roles, to be narrowed down. */
function selectPeople(tx: Tx) {
  return tx
    .select({
      id: people.id,
      name: people.name,
      roles: sql<Role[]>`array(select role from ${personRoles} where person_id = ${people.id} order by role)`,
      createdAt: people.createdAt,
      removedAt: people.removedAt,
    })
    .from(people)
    .$dynamic();
}

/** By id; who is not known is left out. */
export async function namesOf<Id extends string>(tx: Tx, ids: readonly Id[]): Promise<Map<Id, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.execute<{ id: Id; name: string }>(sql`
    select id, name from people where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
