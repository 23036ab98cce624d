/** Who one is here, and the terms that one works under. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { agreeToTerms, labellerOf, termsOfLabeller } from '../../../db/people';
import { languagesOf } from '../../../domain/requirements';
import { LABELLER_KINDS, ROLES } from '../../../domain/states';
import { type App, newRoutes } from '../app';
import { ApiError, ErrorBody } from '../errors';
import { body, doorFor, json } from './door';
import { moment } from './roundBodies';

const Me = z
  .object({
    name: z.string(),
    roles: z.array(z.enum(ROLES)),
    kind: z.enum(LABELLER_KINDS).nullable().openapi({ description: 'null: you do not label' }),
    groups: z.array(z.string()),
    languages: z.array(z.string()).openapi({ description: 'that you are known to work in', example: ['de', 'en'] }),
    terms: z
      .object({
        hash: z.string(),
        text: z.string().openapi({ description: 'Markdown or plain text' }),
        agreedAt: moment.nullable().openapi({ description: 'null: agree to them before your first item' }),
      })
      .nullable(),
    suspended: z.boolean().openapi({ description: 'you get no items; what you gave before counts' }),
  })
  .openapi('Me');
const ConsentBody = z.strictObject({ hash: z.string().openapi({ description: 'of the terms that you have read' }) });
const Agreed = z.object({ agreedAt: moment });

const refusals = { 401: json('Not signed in', ErrorBody), 403: json('Not for your role', ErrorBody) };

export function meRoutes(db: Db): App {
  const routes = newRoutes();
  addMe(routes, db);
  addConsent(routes, db);
  return routes;
}

function addMe(routes: App, db: Db): void {
  routes.openapi(
    createRoute({
      ...doorFor(db, ROLES),
      method: 'get',
      path: '/api/me',
      responses: { 200: json('You, as the site knows you', Me), ...refusals },
    }),
    async (c) => {
      const { id, name, roles } = c.var.person;
      const labeller = await labellerOf(db, id);
      const terms = await termsOfLabeller(db, id);
      const me = {
        name,
        roles,
        kind: labeller?.kind ?? null,
        groups: labeller?.groups ?? [],
        languages: languagesOf(labeller?.holds ?? []),
        terms: terms && { ...terms, agreedAt: terms.agreedAt?.toISOString() ?? null },
        suspended: Boolean(labeller?.suspended),
      };
      return c.json(me, 200);
    },
  );
}

function addConsent(routes: App, db: Db): void {
  routes.openapi(
    createRoute({
      ...doorFor(db, ['labeller', 'lead']),
      method: 'post',
      path: '/api/me/consent',
      request: { body: body(ConsentBody) },
      responses: {
        200: json('You agree to the terms; a repeat is answered as the first time', Agreed),
        ...refusals,
        409: json('Other terms hold, or none', ErrorBody),
      },
    }),
    async (c) => {
      const result = await agreeToTerms(db, c.var.person.id, c.req.valid('json').hash);
      if (result.kind === 'agreed') return c.json({ agreedAt: result.at.toISOString() }, 200);
      throw new ApiError(409, result.kind, WHY_NOT[result.kind], { hint: 'GET /api/me has the terms that hold' });
    },
  );
}

const WHY_NOT = {
  'other-terms': 'these are not the terms that hold now',
  'no-terms': 'there are no terms to agree to',
};
