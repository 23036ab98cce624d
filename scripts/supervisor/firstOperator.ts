/** Somebody must be able to begin: where there is no operator, `up` makes one. */
import { userInfo } from 'node:os';
import { recordAct } from '../../db/audit';
import { connect } from '../../db/connection';
import { addPerson, addToken, findPerson, listPeople } from '../../db/people';

export interface FirstOperator {
  personId: string;
  name: string;
  /** Shown this once. */
  token: string;
}

/** @returns undefined where there is an operator or an admin. */
export async function ensureOperator(databaseUrl: string): Promise<FirstOperator | undefined> {
  const { db, close } = connect(databaseUrl, { max: 1, name: 'plumbline up' });
  try {
    const people = (await listPeople(db)).filter((one) => !one.removedAt);
    if (people.some(({ roles }) => roles.includes('operator') || roles.includes('admin'))) return undefined;
    const wanted = process.env.PLUMBLINE_PERSON ?? userName();
    const name = (await findPerson(db, wanted))?.removedAt ? `${wanted} (operator)` : wanted;
    const { id } = await addPerson(db, { name, roles: ['operator'] });
    await recordAct(db, { actor: id, action: 'person.add', subject: id, detail: { roles: ['operator'], first: true } });
    return { personId: id, name, token: await addToken(db, id) };
  } finally {
    await close();
  }
}

function userName(): string {
  try {
    return userInfo().username || 'operator';
  } catch {
    return 'operator';
  }
}
