/** The site's HTTP application: its routes, and what holds for all of them. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { Db } from '../../db/connection';
import type { SignedIn } from './auth';
import { ApiError, errorHandler, respond } from './errors';
import { frontRoutes } from './routes/front';
import { healthRoutes } from './routes/health';
import { labellingRoutes } from './routes/labelling';
import { manualRoutes } from './routes/manuals';
import { meRoutes } from './routes/me';
import { roundRoutes } from './routes/rounds';
import { rulingRoutes } from './routes/rulings';

export interface AppDeps {
  db: Db;
  log: Logger;
  /** Host, port and database, as an error message names them: without credentials. */
  postgres: string;
}
export type App = OpenAPIHono<SignedIn>;

export function createApp({ db, log, postgres }: AppDeps): App {
  const app = newRoutes();
  app.use(logged(log));
  app.use('/api/*', notStored);
  app.route('/', frontRoutes());
  app.route('/', healthRoutes(db));
  app.route('/', meRoutes(db));
  app.route('/', labellingRoutes(db));
  app.route('/', roundRoutes(db));
  app.route('/', manualRoutes(db));
  app.route('/', rulingRoutes(db));
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.doc('/api/openapi.json', { openapi: '3.0.3', info: { title: 'Plumbline', version: '0.1' } });
  app.notFound((c) =>
    respond(c, new ApiError(404, 'not-found', 'there is nothing here', { hint: '/api/openapi.json' })),
  );
  app.onError(errorHandler(log, postgres));
  return app;
}

/** An empty set of routes that names the field where a request is not as described. */
export function newRoutes(): App {
  return new OpenAPIHono<SignedIn>({
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const field = issue?.path.join('.');
      const message = issue?.message ?? 'not as described';
      throw new ApiError(400, 'invalid', message, { at: field || result.target, hint: '/api/openapi.json' });
    },
  });
}

/** Which route, how it went and how long it took: no ids, no query, nothing of what was sent. */
function logged(log: Logger): MiddlewareHandler {
  return async (c, next) => {
    const from = performance.now();
    await next();
    const ms = Math.round(performance.now() - from);
    log.info({ method: c.req.method, route: routePath(c, -1), status: c.res.status, ms }, 'answered');
  };
}

/** Completions and leases are for one labeller at one moment. */
const notStored: MiddlewareHandler = async (c, next) => {
  await next();
  c.header('Cache-Control', 'no-store');
};
