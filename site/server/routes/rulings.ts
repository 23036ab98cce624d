/** The ruling API: what researchers are to rule on, the items as they are shown them, and their rulings. */
import { createRoute } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { findItems } from '../../../db/rulings/find';
import { listContested, listForSecond } from '../../../db/rulings/list';
import { recordRuling } from '../../../db/rulings/record';
import { roundsToRule } from '../../../db/rulings/rounds';
import { seeItem } from '../../../db/rulings/see';
import { shownItem } from '../../../db/rulings/shown';
import { type ItemId, isUuid } from '../../../domain/ids';
import { type App, newRoutes } from '../app';
import { ErrorBody } from '../errors';
import { body, type Door, doorFor, json } from './door';
import { RoundParam } from './roundBodies';
import { knownRoundId } from './rounds';
import { notShown, rulingAnswer, unknownItem } from './rulingsAnswers';
import {
  Contested,
  ContestedQuery,
  ItemParam,
  RoundsToRule,
  RulingBody,
  RulingTaken,
  ShownItem,
} from './rulingsBodies';

const notLetIn = { 401: json('Not signed in', ErrorBody), 403: json('Not a researcher', ErrorBody) };
const refusals = { ...notLetIn, 404: json('No such round, or no such item', ErrorBody) };

export function rulingRoutes(db: Db): App {
  const routes = newRoutes();
  const door = doorFor(db, ['researcher', 'admin']);
  for (const add of [addRounds, addContested, addItem, addRuling]) add(routes, db, door);
  return routes;
}

function addRounds(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'get',
      path: '/api/contested',
      responses: {
        200: json('Rounds under way in which items wait for a ruling, newest first', RoundsToRule),
        ...notLetIn,
      },
    }),
    async (c) => {
      const waiting = await roundsToRule(db);
      const rounds = waiting.map(({ deadlineAt, ...round }) => ({ ...round, deadlineAt: deadlineAt.toISOString() }));
      return c.json({ rounds }, 200);
    },
  );
}

function addContested(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'get',
      path: '/api/rounds/{roundId}/contested',
      request: { params: RoundParam, query: ContestedQuery },
      responses: {
        200: json('What waits for a ruling, in the order in which it is to be given', Contested),
        ...refusals,
      },
    }),
    async (c) => {
      const roundId = await knownRoundId(db, c.req.valid('param').roundId);
      const { limit, second } = c.req.valid('query');
      const waiting =
        second === 'true'
          ? await listForSecond(db, roundId, c.var.person.id, { limit })
          : await listContested(db, roundId, { limit });
      return c.json({ roundId, items: waiting }, 200);
    },
  );
}

function addItem(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'get',
      path: '/api/items/{itemId}',
      request: { params: ItemParam },
      responses: {
        200: json('The item, as `plumbline adjudicate show --json`', ShownItem),
        ...refusals,
        409: json('It is in quarantine, or has no completion', ErrorBody),
      },
    }),
    async (c) => {
      const itemId = await knownItemId(db, c.req.valid('param').itemId);
      const seen = await seeItem(db, itemId, c.var.person.id);
      return c.json(seen.kind === 'seen' ? shownItem(seen) : notShown(seen.kind), 200);
    },
  );
}

function addRuling(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/items/{itemId}/rulings',
      request: { params: ItemParam, body: body(RulingBody) },
      responses: {
        200: json('The ruling counts, or did already', RulingTaken),
        400: json('Not what a ruling is made of', ErrorBody),
        ...refusals,
        409: json('You, or another, have ruled on it, or it is nothing to rule on', ErrorBody),
        422: json('Answers that the form does not have', ErrorBody),
      },
    }),
    async (c) => {
      const { itemId } = c.req.valid('param');
      const said = c.req.valid('json');
      const result = await recordRuling(db, {
        roundId: null,
        itemId,
        researcher: c.var.person.id,
        ...said,
        via: 'site',
      });
      return c.json(rulingAnswer(result), 200);
    },
  );
}

/** @throws ApiError for a text that is no item's id. */
async function knownItemId(db: Db, text: string): Promise<ItemId> {
  const [item] = isUuid(text) ? await findItems(db, text) : [];
  if (!item) throw unknownItem();
  return item.itemId;
}
