/** The labelling API: the queue over HTTP, for people's browsers and for programs alike. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { next, ownLeases } from '../../../db/labelling';
import { roundsToLabel } from '../../../db/labelling/rounds';
import { type App, newRoutes } from '../app';
import { addExtend, addLabel, addRelease, addSkip, addUndo, addView } from './assignments';
import { type Door, doorFor, json } from './door';
import { leased, nextAnswer } from './labellingAnswers';
import { Leased, NothingNow, OwnLeases, OwnRounds, refusals } from './labellingBodies';
import { RoundParam } from './roundBodies';
import { roundIdOf } from './rounds';

export function labellingRoutes(db: Db): App {
  const routes = newRoutes();
  const door = doorFor(db, ['labeller', 'lead']);
  const onAssignments = [addView, addLabel, addSkip, addRelease, addExtend, addUndo];
  for (const add of [addOwnRounds, addNext, addOwnLeases, ...onAssignments]) add(routes, db, door);
  return routes;
}

function addOwnRounds(routes: App, db: Db, door: Door): void {
  const { 404: _, ...notLetIn } = refusals;
  routes.openapi(
    createRoute({
      ...door,
      method: 'get',
      path: '/api/rounds',
      responses: { 200: json('The rounds that you may work on now, newest first', OwnRounds), ...notLetIn },
    }),
    async (c) => {
      const own = await roundsToLabel(db, c.var.person.id);
      const rounds = own.map(({ deadlineAt, ...round }) => ({ ...round, deadlineAt: deadlineAt.toISOString() }));
      return c.json({ rounds }, 200);
    },
  );
}

function addNext(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/rounds/{roundId}/next',
      request: { params: RoundParam },
      responses: { 200: json('A lease, or why there is none', z.union([Leased, NothingNow])), ...refusals },
    }),
    async (c) => {
      const request = { roundId: roundIdOf(c.req.valid('param').roundId), labellerId: c.var.person.id };
      return c.json(nextAnswer(await next(db, request)), 200);
    },
  );
}

function addOwnLeases(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'get',
      path: '/api/rounds/{roundId}/assignments',
      request: { params: RoundParam },
      responses: { 200: json('Your live leases, oldest first', OwnLeases), ...refusals },
    }),
    async (c) => {
      const request = { roundId: roundIdOf(c.req.valid('param').roundId), labellerId: c.var.person.id };
      const own = await ownLeases(db, request);
      return c.json({ assignments: own.map(({ lease, served }) => leased(lease, served)) }, 200);
    },
  );
}
