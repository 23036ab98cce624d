/** Whether the site can do its work: asked by process supervisors and load balancers. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { checkSchema } from '../../../db/migrate';
import { type App, newRoutes } from '../app';
import { ErrorBody } from '../errors';

const health = createRoute({
  method: 'get',
  path: '/healthz',
  responses: {
    200: {
      description: 'The database answers and its schema is the one this program knows',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
    503: { description: 'It does not', content: { 'application/json': { schema: ErrorBody } } },
  },
});

export function healthRoutes(db: Db): App {
  const routes = newRoutes();
  routes.openapi(health, async (c) => {
    await checkSchema(db);
    return c.json({ status: 'ok' as const }, 200);
  });
  return routes;
}
