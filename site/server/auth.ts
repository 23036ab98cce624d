/** Who is asking, and whether they may. */
import type { MiddlewareHandler } from 'hono';
import type { Db } from '../../db/connection';
import { personOfToken, type SignedInPerson } from '../../db/people';
import type { Role } from '../../domain/states';
import { ApiError } from './errors';

/** What a route finds in its context once the caller has signed in. */
export interface SignedIn {
  Variables: { person: SignedInPerson };
}

/** Lets in who sends a token that is good, and has one of the roles. */
export function allow(db: Db, roles: readonly Role[]): MiddlewareHandler<SignedIn> {
  return async (c, next) => {
    const person = await signIn(db, c.req.header('authorization'));
    if (!person.roles.some((role) => roles.includes(role))) {
      throw new ApiError(403, 'forbidden', `this is for the role ${roles.join(' or ')}`, {
        hint: 'ask an operator for the role',
      });
    }
    c.set('person', person);
    await next();
  };
}

async function signIn(db: Db, header: string | undefined): Promise<SignedInPerson> {
  const token = header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
  const person = token === undefined ? undefined : await personOfToken(db, token);
  if (person) return person;
  const message = token === undefined ? 'no token was sent' : 'the token is unknown or was revoked';
  throw new ApiError(401, 'unauthorized', message, {
    hint: 'send Authorization: Bearer TOKEN, as from your invitation',
  });
}
