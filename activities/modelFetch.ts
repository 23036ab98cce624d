/**
 * How the client's requests travel: as Node's own fetch sends them, for half of what that takes of the processor, and
 * without its limit of five minutes to an answer's first byte. How long a call may take is its signal's to say.
 */
import { Readable } from 'node:stream';
import { Agent, type Dispatcher, EnvHttpProxyAgent, interceptors, request } from 'undici';

const NO_LIMIT = { headersTimeout: 0, bodyTimeout: 0 };
const MOST_REDIRECTIONS = 5;
/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205, 304]);

let shared: Dispatcher | undefined;

/** Connections are kept by endpoint. Proxies that the environment names are used where Node is told to: NODE_USE_ENV_PROXY. */
function connections(): Dispatcher {
  const { NODE_USE_ENV_PROXY: useProxy } = process.env;
  const agent = useProxy && useProxy !== '0' ? new EnvHttpProxyAgent(NO_LIMIT) : new Agent(NO_LIMIT);
  return agent.compose(interceptors.redirect({ maxRedirections: MOST_REDIRECTIONS }));
}

/** @throws TypeError for a connection that fails, with its error as the cause; the signal's reason once that is aborted. */
export async function modelFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { method = 'GET', body = null, signal = null } = init;
  if (typeof body !== 'string' && body !== null) throw new TypeError('only text is sent to models');
  shared ??= connections();
  try {
    const answer = await request(input instanceof Request ? input.url : input, {
      method: method as Dispatcher.HttpMethod,
      // Answers are short: packing them would cost more than it saves.
      headers: { ...Object.fromEntries(new Headers(init.headers)), 'accept-encoding': 'identity' },
      body,
      signal,
      dispatcher: shared,
    });
    const { statusCode: status } = answer;
    const headers = headersOf(answer.headers);
    return new Response(BODILESS.has(status) ? await nothing(answer) : await bodyOf(answer, headers), {
      status,
      headers,
    });
  } catch (error) {
    throw signal?.aborted ? error : new TypeError('fetch failed', { cause: error });
  }
}

async function nothing({ body }: Dispatcher.ResponseData): Promise<null> {
  await body.dump();
  return null;
}

/** A whole answer is read at once; what comes in pieces is passed on as it comes. */
async function bodyOf({ body }: Dispatcher.ResponseData, headers: Headers): Promise<string | ReadableStream> {
  if (/json/i.test(headers.get('content-type') ?? '')) return body.text();
  return Readable.toWeb(body) as ReadableStream;
}

function headersOf(given: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(given)) {
    for (const value of [values].flat()) headers.append(name, value);
  }
  return headers;
}
