/** Bearer tokens: shown once, stored by hash only, so that a leaked database signs nobody in. */
import { randomBytes } from 'node:crypto';
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import { hashText } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { people, tokens } from '../schema';
import { removedPerson } from './errors';
import { lockPerson, type Person, selectPeople } from './person';

/**
 * A new token, beside those the person has.
 * @throws PeopleError if nobody has this id, or the person was removed.
 */
export function addToken(db: Db, personId: PersonId): Promise<string> {
  return db.transaction(async (tx) => {
    const person = await lockPerson(tx, personId);
    if (person.removedAt) throw removedPerson(person);
    return issueToken(tx, personId);
  });
}

/** The same inside a transaction that knows the person. */
export async function issueToken(tx: Tx, personId: PersonId): Promise<string> {
  const token = `plt_${randomBytes(32).toString('base64url')}`;
  await tx.insert(tokens).values({ hash: hashText(token), personId });
  return token;
}

/** All of a person's tokens. @returns how many stopped working now. */
export async function revokeTokens(tx: Tx, personId: PersonId): Promise<number> {
  const revoked = await tx
    .update(tokens)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(tokens.personId, personId), isNull(tokens.revokedAt)))
    .returning({ hash: tokens.hash });
  return revoked.length;
}

/** Who signs in with a token: nobody, if it was revoked or its person removed. */
export async function personOfToken(tx: Tx, token: string): Promise<Person | undefined> {
  const owner = tx
    .select({ personId: tokens.personId })
    .from(tokens)
    .where(and(eq(tokens.hash, hashText(token)), isNull(tokens.revokedAt)));
  const [person] = await selectPeople(tx).where(and(isNull(people.removedAt), inArray(people.id, owner)));
  return person;
}
