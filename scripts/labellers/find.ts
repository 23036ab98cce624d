/** The labeller that a command means, by name or id. */
import type { Db } from '../../db/connection';
import { findPerson, type Labeller, labellerOf, listLabellers, PeopleError } from '../../db/people';
import { nearest } from '../intake/suggestions';

/** @throws PeopleError where nobody of this name labels. */
export async function knownLabeller(db: Db, sought: string): Promise<Labeller> {
  const person = await findPerson(db, sought);
  const labeller = person && (await labellerOf(db, person.id));
  if (labeller) return labeller;
  const message = `no labeller is called ${sought.slice(0, 100)}`;
  const names = (await listLabellers(db)).map(({ name }) => name);
  const meant = nearest(sought, names);
  const hint = meant === undefined ? 'see `plumbline labeller list`' : `did you mean ${meant}?`;
  throw new PeopleError('unknown-person', message, hint);
}
