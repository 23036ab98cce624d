/** Refusals in the shape in which OpenAI's API gives them. */
import type { Context, ErrorHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import type { z } from 'zod';

export class Refusal extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly type: string,
    readonly code: string | null,
    message: string,
    readonly param: string | null = null,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

export function errorHandler(log: Logger): ErrorHandler {
  return (error, c) => {
    if (error instanceof Refusal) return respond(c, error);
    log.error({ error: error.name, stack: error.stack }, 'request failed');
    return respond(c, new Refusal(500, 'server_error', null, 'Something went wrong in the simulation.'));
  };
}

export const INVALID = 'invalid_request_error';

export function nothingHere(c: Context): Response {
  return respond(c, new Refusal(404, INVALID, 'unknown_url', `There is nothing at ${c.req.method} ${c.req.path}.`));
}

export function unknownModel(model: string): Refusal {
  return new Refusal(404, INVALID, 'model_not_found', `The model \`${model}\` does not exist.`);
}

/** @throws Refusal 400 for what is no JSON, or naming the first field that is not as it must be. */
export async function readBody<T>(c: Context, shape: z.ZodType<T>): Promise<T> {
  const read = shape.safeParse(jsonOf(await c.req.text()));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const param = issue?.path.join('.') || null;
  throw new Refusal(400, INVALID, null, `${param ?? 'The body'}: ${issue?.message ?? 'not as it must be'}`, param);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, INVALID, null, 'The body is not JSON.');
  }
}

function respond(c: Context, { status, type, code, message, param, headers }: Refusal): Response {
  return c.json({ error: { message, type, code, param } }, status, headers);
}
