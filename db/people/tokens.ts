/** Bearer tokens: shown once, stored by hash only, so that a leaked database signs nobody in. */
import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import type { Role } from '../../domain/states';
import { hashText } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { rowsOf, statement } from '../prepared';
import { tokens } from '../schema';
import { removedPerson } from './errors';
import { lockPerson } from './person';

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

/**
 * Ends all of a person's tokens, and gives a new one unless `only`.
 * @throws PeopleError if nobody has this id, or the person was removed.
 */
export function replaceTokens(
  db: Db,
  personId: PersonId,
  { only = false }: { only?: boolean } = {},
): Promise<{ revoked: number; token: string | null }> {
  return db.transaction(async (tx) => {
    const person = await lockPerson(tx, personId);
    if (person.removedAt) throw removedPerson(person);
    const revoked = await revokeTokens(tx, personId);
    return { revoked, token: only ? null : await issueToken(tx, personId) };
  });
}

/** A new token, inside a transaction that knows the person. */
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

export interface SignedInPerson extends Record<string, unknown> {
  id: PersonId;
  name: string;
  roles: Role[];
}

/** Who signs in with a token: nobody, if it was revoked or its person removed. Asked at every request. */
export async function personOfToken(tx: Tx, token: string): Promise<SignedInPerson | undefined> {
  const [person] = await rowsOf(tx, signedIn({ hash: hashText(token) }));
  return person;
}

const signedIn = statement<{ hash: string }, SignedInPerson>(
  ({ hash }) => sql`
  select p.id, p.name, array(select role from person_roles r where r.person_id = p.id order by role) as roles
  from tokens t join people p on p.id = t.person_id
  where t.hash = ${hash} and t.revoked_at is null and p.removed_at is null`,
);
