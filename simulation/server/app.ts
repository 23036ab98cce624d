/** The HTTP application: any number of worlds, each under its seed. */
import { randomBytes } from 'node:crypto';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { Content } from '../world/content';
import { MODELS } from '../world/models';
import { Remembered } from '../world/remembered';
import { World } from '../world/world';
import { completionBody, truthBody } from './bodies';
import { complete, type Endpoint, modelNamed } from './completions';
import { errorHandler, INVALID, nothingHere, Refusal, readBody } from './errors';
import { Trouble } from './temper';

export interface Settings {
  content: Content;
  log: Logger;
  /** 0: answers at once. */
  meanLatencyMs: number;
  /** Share of requests that fail at first, 0..1. */
  trouble: number;
}

const MOST_WORLDS = 100;
const LARGEST_BODY = 5_000_000;
/** When the models were made, as OpenAI's list of models says it. Nothing depends on it. */
const CREATED = 1_767_225_600;

export function createApp({ content, log, meanLatencyMs, trouble }: Settings): Hono {
  const worlds = new Remembered<string, Endpoint>(MOST_WORLDS);
  const endpointOf = (seed: string) =>
    worlds.get(seed, () => ({ world: new World(seed, content), trouble: new Trouble(trouble, seed), meanLatencyMs }));
  const app = new Hono();
  app.use(logged(log), marked, bodyLimit({ maxSize: LARGEST_BODY, onError: refuseLarge }));
  app.use('/worlds/:seed/v1/*', withKey);
  app.post('/worlds/:seed/v1/chat/completions', async (c) =>
    complete(c, endpointOf(c.req.param('seed')), await readBody(c, completionBody)),
  );
  app.get('/worlds/:seed/v1/models', (c) => c.json({ object: 'list', data: MODELS.map(listed) }));
  app.get('/worlds/:seed', (c) => c.json(endpointOf(c.req.param('seed')).world.describe()));
  app.post('/worlds/:seed/truth', async (c) => {
    const { messages, completion, model } = await readBody(c, truthBody);
    const { world } = endpointOf(c.req.param('seed'));
    const truth = world.truthOf(messages, completion, model ? modelNamed(model) : undefined);
    if (!truth) throw new Refusal(404, INVALID, 'unknown_completion', 'No model of this world wrote this.');
    return c.json(truth);
  });
  app.notFound(nothingHere);
  app.onError(errorHandler(log));
  return app;
}

function listed({ id }: { id: string }) {
  return { id, object: 'model', created: CREATED, owned_by: 'plumbline-simulation' };
}

/** Nobody shall take what comes from here for a real model's. */
const marked: MiddlewareHandler = async (c, next) => {
  c.header('x-simulated', 'plumbline');
  c.header('x-request-id', `req_${randomBytes(12).toString('hex')}`);
  await next();
};

/** Any key will do, but there must be one, as with a real endpoint. */
const withKey: MiddlewareHandler = async (c, next) => {
  if (c.req.header('authorization')) return next();
  throw new Refusal(401, INVALID, 'invalid_api_key', 'You did not provide an API key: send Authorization: Bearer KEY.');
};

function refuseLarge(): never {
  throw new Refusal(413, INVALID, null, `The body is larger than ${LARGEST_BODY / 1_000_000} MB.`);
}

/** Which route, how it went and how long it took: nothing of what was sent. */
function logged(log: Logger): MiddlewareHandler {
  return async (c, next) => {
    const from = performance.now();
    await next();
    const ms = Math.round(performance.now() - from);
    log.info({ method: c.req.method, route: routePath(c, -1), status: c.res.status, ms }, 'answered');
  };
}
