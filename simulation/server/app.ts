/** The HTTP application: any number of worlds, each under its seed. */
import { randomBytes } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import { transcriptOf } from '../../domain/transcripts';
import type { Content } from '../world/content';
import { MODELS } from '../world/models';
import { Remembered } from '../world/remembered';
import { World } from '../world/world';
import { chatBody, textBody, truthBody } from './bodies';
import { type Asked, complete, type Endpoint, modelNamed } from './completions';
import { errorHandler, INVALID, nothingHere, Refusal, readBody } from './errors';
import { Load } from './load';
import { CHAT, TEXT } from './shapes';
import { type Latency, Trouble } from './temper';

export interface Settings {
  content: Content;
  log: Logger;
  latency: Latency;
  /** Share of requests that fail at first, 0..1. */
  trouble: number;
  /** Calls in flight under one key; null: any number. */
  permits: number | null;
}

const MOST_WORLDS = 100;
const LARGEST_BODY = 5_000_000;
/** When the models were made, as OpenAI's list of models says it. Nothing depends on it. */
const CREATED = 1_767_225_600;

export function createApp({ content, log, latency, trouble, permits }: Settings): Hono {
  const worlds = new Remembered<string, Endpoint>(MOST_WORLDS);
  const endpointOf = (seed: string) =>
    worlds.get(seed, () => ({ world: new World(seed, content), trouble: new Trouble(trouble, seed), latency }));
  const load = new Load(permits);
  const app = new Hono();
  // Of no use where nothing is written, and benches count every call's time.
  if (log.isLevelEnabled('info')) app.use(logged(log));
  app.use(marked(), limited);
  app.use('/worlds/:seed/v1/*', withKey);
  app.post('/worlds/:seed/v1/chat/completions', (c) =>
    counted(c, load, endpointOf(c.req.param('seed')), async () => {
      const { messages, ...body } = await readBody(c, chatBody);
      return { body, messages, shape: CHAT };
    }),
  );
  app.post('/worlds/:seed/v1/completions', (c) =>
    counted(c, load, endpointOf(c.req.param('seed')), async () => {
      const { prompt, ...body } = await readBody(c, textBody);
      return { body, messages: [{ role: 'user', content: prompt }], shape: TEXT };
    }),
  );
  app.get('/worlds/:seed/v1/models', (c) => c.json({ object: 'list', data: MODELS.map(listed) }));
  app.get('/worlds/:seed', (c) => c.json(endpointOf(c.req.param('seed')).world.describe()));
  app.post('/worlds/:seed/truth', async (c) => {
    const { messages, completion, model } = await readBody(c, truthBody);
    const { world } = endpointOf(c.req.param('seed'));
    const by = model ? modelNamed(model) : undefined;
    const asText = [{ role: 'user', content: transcriptOf(messages) ?? '' }];
    const truth = world.truthOf(messages, completion, by) ?? world.truthOf(asText, completion, by);
    if (!truth) throw new Refusal(404, INVALID, 'unknown_completion', 'No model of this world wrote this.');
    return c.json(truth);
  });
  app.get('/load', (c) => c.json(load.report()));
  app.post('/load/reset', (c) => {
    load.reset();
    return c.json(load.report());
  });
  app.notFound(nothingHere);
  app.onError(errorHandler(log));
  return app;
}

/** A call that is in flight until the last of its answer is sent. */
async function counted(c: Context, load: Load, endpoint: Endpoint, read: () => Promise<Asked>): Promise<Response> {
  const leave = load.enter(c.req.header('authorization') ?? '');
  try {
    const { response, ended } = await complete(c, endpoint, await read());
    void ended.then(() => leave(true));
    return response;
  } catch (error) {
    leave(false);
    throw error;
  }
}

function listed({ id }: { id: string }) {
  return { id, object: 'model', created: CREATED, owned_by: 'plumbline-simulation' };
}

/** Nobody shall take what comes from here for a real model's. */
function marked(): MiddlewareHandler {
  const server = randomBytes(9).toString('hex');
  let request = 0;
  return async (c, next) => {
    request += 1;
    c.header('x-simulated', 'plumbline');
    c.header('x-request-id', `req_${server}${request.toString(36)}`);
    await next();
  };
}

/** Any key will do, but there must be one, as with a real endpoint. */
const withKey: MiddlewareHandler = async (c, next) => {
  if (c.req.header('authorization')) return next();
  throw new Refusal(401, INVALID, 'invalid_api_key', 'You did not provide an API key: send Authorization: Bearer KEY.');
};

const limitedAsRead = bodyLimit({ maxSize: LARGEST_BODY, onError: refuseLarge });

/** A body that says how long it is need not be measured: that costs more than all the rest of a call. */
const limited: MiddlewareHandler = async (c, next) => {
  const length = Number(c.req.header('content-length'));
  if (Number.isNaN(length) || c.req.header('transfer-encoding') !== undefined) return limitedAsRead(c, next);
  if (length > LARGEST_BODY) refuseLarge();
  return next();
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
