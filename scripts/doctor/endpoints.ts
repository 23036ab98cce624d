/** Endpoints of models: whether a connection to them can be made from here. Nothing is sent, so no key is and nothing is paid. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { failureCode } from '../../db/failures';
import { shownUrl } from '../finding';
import { type Check, ok, warn } from './check';

const PATIENCE_MS = 3_000;

/** Models that name no account need both. Nothing is wrong while no round has such a model. */
export async function checkEndpoint(): Promise<Check> {
  const name = 'endpoint';
  const missing = ['OPENAI_BASE_URL', 'OPENAI_API_KEY'].filter((variable) => !process.env[variable]);
  if (missing.length > 0) {
    return ok(name, `${missing.join(' and ')} not set: put both into .env here before a round of your own`);
  }
  const url = process.env.OPENAI_BASE_URL ?? '';
  if (!URL.canParse(url)) return warn(name, 'OPENAI_BASE_URL is no address', 'write it as https://HOST/v1');
  const told = `models that name no account are asked at ${shownUrl(url)}`;
  const away = await whyAway(url);
  return away ? warn(name, `${told}, which ${away}`, 'start it, or correct OPENAI_BASE_URL') : ok(name, told);
}

/**
 * @param url of an endpoint. @returns why it cannot be connected to from here; undefined where it can be, or where a proxy
 * stands before it, which may know a way.
 */
export async function whyAway(url: string): Promise<string | undefined> {
  const { NODE_USE_ENV_PROXY: proxy } = process.env;
  if (proxy && proxy !== '0') return undefined;
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort(protocol)) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return undefined;
  } catch (error) {
    const code = failureCode(error);
    return `does not answer (${code && code !== 'ABORT_ERR' ? code : `not within ${PATIENCE_MS / 1_000} s`})`;
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}
