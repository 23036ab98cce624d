/**
 * How the client's requests travel: as Node's own fetch sends them, for half of what that takes of the processor, and
 * without its limit of five minutes to an answer's first byte. How long a call may take is its signal's to say.
 */
import { pipeline, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';

const NO_LIMIT = { headersTimeout: 0, bodyTimeout: 0 };
/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205, 304]);
const LARGEST_STATUS = 599;
const MOVED = new Set([307, 308]);
const MOST_MOVES = 5;
/** Some pack their answers though nobody asked for it. */
const UNPACKING = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

type Answer = Dispatcher.ResponseData;

let shared: Dispatcher | undefined;

/** Connections are kept by endpoint. Proxies that the environment names are used where Node is told to: NODE_USE_ENV_PROXY. */
function connections(): Dispatcher {
  const { NODE_USE_ENV_PROXY: useProxy } = process.env;
  return useProxy && useProxy !== '0' ? new EnvHttpProxyAgent(NO_LIMIT) : new Agent(NO_LIMIT);
}

/** @throws TypeError for a connection that fails, with its error as the cause; the signal's reason once that is aborted. */
export async function modelFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { body = null, signal = null } = init;
  if (typeof body !== 'string' && body !== null) throw new TypeError('only text is sent to models');
  const asked = {
    method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
    // Answers are short: packing them would cost more than it saves.
    headers: { 'accept-encoding': 'identity', ...Object.fromEntries(new Headers(init.headers)) },
    body,
    signal,
  };
  try {
    const answer = await follow(new URL(input instanceof Request ? input.url : input), asked);
    return await responseOf(answer);
  } catch (error) {
    throw signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause: error });
  }
}

interface Asked {
  method: Dispatcher.HttpMethod;
  headers: Record<string, string>;
  body: string | null;
  signal: AbortSignal | null;
}

/** Where an endpoint has moved to within its origin; what it was asked, and its keys, are for no other's eyes. */
async function follow(from: URL, asked: Asked): Promise<Answer> {
  for (let url = from, moves = 0; ; moves += 1) {
    const answer = await ask(url, asked);
    const { location } = answer.headers;
    if (!MOVED.has(answer.statusCode) || typeof location !== 'string' || moves === MOST_MOVES) return answer;
    const next = URL.parse(location, url.href);
    if (next?.origin !== from.origin) return answer;
    await answer.body.dump();
    url = next;
  }
}

/** Ends with its signal also while a connection is being made. */
function ask(url: URL, asked: Asked): Promise<Answer> {
  shared ??= connections();
  const { signal } = asked;
  const answer = request(url, { ...asked, dispatcher: shared });
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal.reason);
      answer.then(discard, () => undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

async function responseOf(answer: Answer): Promise<Response> {
  const { statusCode } = answer;
  const headers = headersOf(answer.headers);
  try {
    const init = { status: Math.min(statusCode, LARGEST_STATUS), headers };
    if (BODILESS.has(statusCode)) return new Response(await nothing(answer), init);
    const body = await bodyOf(answer, headers);
    return typeof body === 'string' ? new TextResponse(body, init) : new Response(body, init);
  } catch (error) {
    discard(answer);
    throw error;
  }
}

/** One whose text is at hand: no stream is made of it to be read again. */
class TextResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly json: () => Promise<unknown>;

  constructor(whole: string, init: ResponseInit) {
    super(null, init);
    this.text = async () => whole;
    this.json = async () => JSON.parse(whole);
  }
}

async function nothing({ body }: Answer): Promise<null> {
  await body.dump();
  return null;
}

/** A whole answer is read at once; what comes in pieces is passed on as it comes, and an error with its status before its text. */
async function bodyOf({ statusCode, body }: Answer, headers: Headers): Promise<string | ReadableStream> {
  const unpacking = UNPACKING.get(headers.get('content-encoding')?.trim().toLowerCase() ?? '')?.();
  // What breaks on the way is told to whoever reads the end of it.
  const plain = unpacking ? pipeline(body, unpacking, () => undefined) : body;
  const whole = statusCode < 400 && /json/i.test(headers.get('content-type') ?? '');
  if (whole) return unpacking ? text(plain) : body.text();
  return Readable.toWeb(plain) as ReadableStream;
}

function discard({ body }: Answer): void {
  body.on('error', () => undefined).destroy();
}

function headersOf(given: Answer['headers']): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(given)) {
    for (const value of [values].flat()) headers.append(name, value);
  }
  return headers;
}
