/** Rounds, as operators and researchers see them. Labellers see none of this: it would tell what they must not know. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { roundExists } from '../../../db/rounds/read';
import { showRound } from '../../../db/rounds/show';
import type { RoundId } from '../../../domain/ids';
import { wellFormed } from '../../../domain/text';
import { type App, newRoutes } from '../app';
import { allow } from '../auth';
import { ApiError, ErrorBody } from '../errors';

export function roundRoutes(db: Db): App {
  const routes = newRoutes();
  const show = createRoute({
    method: 'get',
    path: '/api/rounds/{roundId}',
    security: [{ token: [] }],
    middleware: [allow(db, ['operator', 'researcher', 'admin'])],
    request: { params: z.object({ roundId: z.string() }) },
    responses: {
      200: {
        description: 'The round, as `plumbline round show --json`',
        content: { 'application/json': { schema: z.looseObject({ roundId: z.string(), status: z.string() }) } },
      },
      404: { description: 'No such round', content: { 'application/json': { schema: ErrorBody } } },
    },
  });
  routes.openapi(show, async (c) => {
    const view = await showRound(db, roundIdOf(c.req.valid('param').roundId));
    if (!view) throw unknownRound();
    return c.json({ ...view }, 200);
  });
  return routes;
}

export function roundIdOf(text: string): RoundId {
  return wellFormed(text) as RoundId;
}

/** @throws ApiError for a text that is no round's id. */
export async function knownRoundId(db: Db, text: string): Promise<RoundId> {
  const roundId = roundIdOf(text);
  if (!(await roundExists(db, roundId))) throw unknownRound();
  return roundId;
}

export function unknownRound(): ApiError {
  return new ApiError(404, 'unknown-round', 'there is no such round', { hint: 'ask the operator for the round’s id' });
}
