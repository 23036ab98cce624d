/** What a failed query says of itself, found under the wrappings of driver and query builder. */

/**
 * The database's or the driver's code: an SQLSTATE such as `23505`, or a word such as `ECONNREFUSED`. Never the message:
 * the query builder's repeats the query's parameters.
 */
export function failureCode(error: unknown): string | undefined {
  let at: unknown = error;
  for (let depth = 0; isObject(at) && depth < 8; depth += 1) {
    if (typeof at.code === 'string') return at.code;
    at = at.cause;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  '3D000', // no such database
  '53300', // too many connections
  '57P01', // shut down by its administrator
  '57P02', // crashed
  '57P03', // still starting
]);

/** It answered: a pooler that does not let one of our parameters through, say. */
const PROTOCOL_VIOLATION = '08P01';

/** Whether the database could not be reached or went away, so that the same call may succeed later. */
export function databaseIsAway(error: unknown): boolean {
  const code = failureCode(error);
  return code !== undefined && (AWAY.has(code) || (code.startsWith('08') && code !== PROTOCOL_VIOLATION));
}

/** Stack frames without the message above them: the message repeats what people wrote, line by line. */
export function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const message = error.stack.indexOf(error.message);
  if (message < 0) return [];
  return error.stack
    .slice(message + error.message.length)
    .split('\n')
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}
