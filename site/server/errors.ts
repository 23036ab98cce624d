/** What a caller is told when something goes wrong, and what only the log is told. */
import { randomBytes } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { databaseIsAway, failureCode, framesOf } from '../../db/failures';
import { SchemaError } from '../../db/migrate';
import { AnswersError } from '../../domain/forms';

export const ErrorBody = z
  .object({
    error: z.object({
      kind: z.string().openapi({ description: 'a word for programs', example: 'conflict' }),
      message: z.string(),
      hint: z.string().optional().openapi({ description: 'what to do' }),
      at: z.string().optional().openapi({ description: 'the field', example: 'answers.verdict' }),
      kept: z.boolean().optional().openapi({ description: 'the refused label’s answers and note are kept' }),
    }),
  })
  .openapi('Error');

/** An answer that is not the one hoped for, in words meant for the caller. */
export class ApiError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly kind: string,
    message: string,
    readonly more: { hint?: string; at?: string; kept?: boolean } = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** @param postgres where the database is looked for, without credentials. */
export function errorHandler(log: Logger, postgres: string): ErrorHandler {
  return (error, c) => {
    const told = forCaller(error, postgres);
    if (told) {
      if (told.status >= 500) log.warn({ kind: told.kind, code: failureCode(error) }, 'not available');
      return respond(c, told);
    }
    const ref = randomBytes(4).toString('hex');
    log.error({ ref, error: error.name, code: failureCode(error), frames: framesOf(error) }, 'request failed');
    return respond(
      c,
      new ApiError(500, 'internal', 'something went wrong here', { hint: `the log has it under ${ref}` }),
    );
  };
}

export function respond(c: Context, { status, kind, message, more }: ApiError): Response {
  if (status === 401) c.header('WWW-Authenticate', 'Bearer');
  // The rest of the body is still on its way: the connection cannot carry another request.
  if (status === 413) c.header('Connection', 'close');
  return c.json({ error: { kind, message, ...more } }, status);
}

/** Errors that were foreseen; undefined for a fault of our own. */
function forCaller(error: Error, postgres: string): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof AnswersError) return new ApiError(400, 'invalid', error.message, { at: error.at });
  if (error instanceof SchemaError) return new ApiError(503, error.kind, error.message, { hint: error.hint });
  if (error instanceof HTTPException) return ofHttp(error);
  if (!databaseIsAway(error)) return undefined;
  return new ApiError(503, 'postgres-unreachable', `Postgres does not answer at ${postgres}`, {
    hint: 'try again; if it stays so, `plumbline up` starts the local services and `plumbline doctor` looks at them',
  });
}

function ofHttp({ status }: HTTPException): ApiError {
  switch (status) {
    case 400:
      return new ApiError(400, 'malformed-json', 'the body is not JSON', { hint: 'send one JSON object, in UTF-8' });
    case 413:
      return new ApiError(413, 'too-large', 'the body is too large', { hint: 'a request may have 1 MB' });
    case 415:
      return new ApiError(415, 'not-json', 'the body must be JSON', { hint: 'send Content-Type: application/json' });
    default:
      return new ApiError(status, 'refused', 'the request was refused');
  }
}
