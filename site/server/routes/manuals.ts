/** The manual that a round's labellers follow. What models are capable of is no part of it and is never served here. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { manualOfRound } from '../../../db/manuals/read';
import { CLAUSE_PARTS } from '../../../domain/manual';
import { type App, newRoutes } from '../app';
import { allow } from '../auth';
import { ApiError, ErrorBody } from '../errors';
import { roundIdOf, unknownRound } from './rounds';

const ManualBody = z
  .object({
    name: z.string(),
    revision: z.number(),
    hash: z.string(),
    title: z.string(),
    form: z.string(),
    task: z.string().openapi({ description: 'Markdown, as all longer texts here' }),
    clauses: z.array(z.object({ id: z.string(), part: z.enum(CLAUSE_PARTS), title: z.string(), text: z.string() })),
    entries: z.array(z.object({ id: z.string(), kinds: z.array(z.string()), title: z.string(), text: z.string() })),
    examples: z.array(z.looseObject({ id: z.string(), title: z.string(), completion: z.string(), text: z.string() })),
  })
  .openapi('Manual');

export function manualRoutes(db: Db): App {
  const routes = newRoutes();
  const show = createRoute({
    method: 'get',
    path: '/api/rounds/{roundId}/manual',
    security: [{ token: [] }],
    middleware: [allow(db, ['labeller', 'lead', 'researcher', 'operator', 'admin'])],
    request: { params: z.object({ roundId: z.string() }) },
    responses: {
      200: { description: 'The manual', content: { 'application/json': { schema: ManualBody } } },
      404: {
        description: 'No such round, or one without a manual',
        content: { 'application/json': { schema: ErrorBody } },
      },
    },
  });
  routes.openapi(show, async (c) => {
    const stored = await manualOfRound(db, roundIdOf(c.req.valid('param').roundId));
    if (stored === undefined) throw unknownRound();
    if (stored === null) {
      throw new ApiError(404, 'no-manual', 'this round has no manual', {
        hint: 'the form that comes with an item is all',
      });
    }
    const { manual, revision, hash } = stored;
    const { name, title, form, task, clauses, entries, examples } = manual;
    return c.json(
      { name, revision, hash, title, form, task, clauses, entries, examples: examples.map((one) => ({ ...one })) },
      200,
    );
  });
  return routes;
}
