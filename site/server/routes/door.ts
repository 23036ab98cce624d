/** What the routes of people at work share: who is let in, how much they may send, how a route is described. */
import type { z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { Db } from '../../../db/connection';
import type { Role } from '../../../domain/states';
import { allow } from '../auth';

/** What a route asks of a caller: to have one of the roles, and to be brief. */
export type Door = ReturnType<typeof doorFor>;

const LARGEST_BODY = 1_000_000;

export function doorFor(db: Db, roles: readonly Role[]) {
  const onError = () => {
    throw new HTTPException(413);
  };
  const middleware = [allow(db, roles), bodyLimit({ maxSize: LARGEST_BODY, onError })];
  return { security: [{ token: [] }], middleware };
}

export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});
export const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
});
