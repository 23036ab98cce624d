/** The labelling API: the queue's acts over HTTP, for people's browsers and for programs alike. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { extend, formOf, giveBack, next, ownLeases, skip, submit, undo } from '../../../db/labelling';
import { roundsToLabel } from '../../../db/labelling/rounds';
import { readAnswers } from '../../../domain/forms';
import { hashJson } from '../../../domain/text';
import { type App, newRoutes } from '../app';
import { ErrorBody } from '../errors';
import { body, type Door, doorFor, json } from './door';
import {
  assignmentIdOf,
  conflict,
  labelAnswer,
  leased,
  nextAnswer,
  tooLate,
  unknownAssignment,
} from './labellingAnswers';
import {
  AssignmentParam,
  Extended,
  Held,
  LabelAccepted,
  LabelBody,
  LabelHeaders,
  Leased,
  NothingNow,
  OwnLeases,
  OwnRounds,
  Released,
  SkipBody,
  Skipped,
} from './labellingBodies';
import { RoundParam } from './roundBodies';
import { roundIdOf } from './rounds';

const refusals = {
  401: json('Not signed in', ErrorBody),
  403: json('Not a labeller', ErrorBody),
  404: json('No such round, or no such assignment of yours', ErrorBody),
};
const ended = { ...refusals, 410: json('Too late: the assignment is no longer yours', ErrorBody) };

export function labellingRoutes(db: Db): App {
  const routes = newRoutes();
  const door = doorFor(db, ['labeller', 'lead']);
  for (const add of [addOwnRounds, addNext, addOwnLeases, addLabel, addSkip, addRelease, addExtend, addUndo])
    add(routes, db, door);
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

function addLabel(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/assignments/{id}/label',
      request: { params: AssignmentParam, headers: LabelHeaders, body: body(LabelBody) },
      responses: {
        200: json('The label counts', LabelAccepted),
        400: json('Answers that the form does not have', ErrorBody),
        ...ended,
        409: json('Another request under this key, or another label on this assignment', ErrorBody),
      },
    }),
    async (c) => {
      const own = { assignmentId: assignmentIdOf(c.req.valid('param').id), labellerId: c.var.person.id };
      const asked = await formOf(db, own);
      if (!asked) throw unknownAssignment();
      const { unsure = false, note = null, ...sent } = c.req.valid('json');
      const answers = readAnswers(asked.form, sent.answers, asked.words);
      const requestHash = hashJson([own.assignmentId, answers, unsure, note]);
      const key = c.req.valid('header')['idempotency-key'];
      return c.json(labelAnswer(await submit(db, { ...own, key, requestHash, answers, unsure, note })), 200);
    },
  );
}

function addSkip(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/assignments/{id}/skip',
      request: { params: AssignmentParam, body: body(SkipBody) },
      responses: {
        200: json('The item is somebody else’s now', Skipped),
        ...ended,
        409: json('It was labelled, or skipped with another code', ErrorBody),
      },
    }),
    async (c) => {
      const own = { assignmentId: assignmentIdOf(c.req.valid('param').id), labellerId: c.var.person.id };
      const { code } = c.req.valid('json');
      const result = await skip(db, { ...own, code });
      if (result.kind === 'unknown-assignment') throw unknownAssignment();
      if (result.kind === 'conflict') throw conflict(result.why);
      if (result.kind === 'too-late') throw tooLate('the lease has ended: the item is somebody else’s already');
      return c.json({ skipped: code }, 200);
    },
  );
}

function addRelease(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/assignments/{id}/release',
      request: { params: AssignmentParam },
      responses: {
        200: json('Given back without a word: others may have the item, and later you again', Released),
        ...ended,
        409: json('It was labelled', ErrorBody),
      },
    }),
    async (c) => {
      const own = { assignmentId: assignmentIdOf(c.req.valid('param').id), labellerId: c.var.person.id };
      const result = await giveBack(db, own);
      if (result.kind === 'unknown-assignment') throw unknownAssignment();
      if (result.kind === 'conflict') throw conflict(result.why);
      if (result.kind === 'too-late') throw tooLate('the lease has ended: the item is not in your hand any more');
      return c.json({ released: true as const }, 200);
    },
  );
}

function addExtend(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/assignments/{id}/extend',
      request: { params: AssignmentParam },
      responses: { 200: json('The lease’s new end', Extended), ...ended },
    }),
    async (c) => {
      const own = { assignmentId: assignmentIdOf(c.req.valid('param').id), labellerId: c.var.person.id };
      const result = await extend(db, own);
      if (result.kind === 'unknown-assignment') throw unknownAssignment();
      if (result.kind === 'too-late') throw tooLate('the lease has ended');
      const { expiresAt, extendableUntil } = result;
      const until = { leaseExpiresAt: expiresAt.toISOString(), extendableUntil: extendableUntil.toISOString() };
      return c.json({ assignment: { id: own.assignmentId, ...until } }, 200);
    },
  );
}

function addUndo(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/assignments/{id}/undo',
      request: { params: AssignmentParam },
      responses: { 200: json('The label is withdrawn, the item in your hand again', Held), ...ended },
    }),
    async (c) => {
      const own = { assignmentId: assignmentIdOf(c.req.valid('param').id), labellerId: c.var.person.id };
      const result = await undo(db, own);
      if (result.kind === 'unknown-assignment') throw unknownAssignment();
      if (result.kind === 'too-late') throw tooLate('the lease has ended: the label stands');
      return c.json({ assignment: { id: own.assignmentId, leaseExpiresAt: result.expiresAt.toISOString() } }, 200);
    },
  );
}
