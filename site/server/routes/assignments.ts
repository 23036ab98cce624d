/** What a labeller does with an item in hand, over HTTP. */
import { createRoute } from '@hono/zod-openapi';
import type { Db } from '../../../db/connection';
import { extend, formOf, giveBack, skip, submit, undo, view } from '../../../db/labelling';
import { readAnswers } from '../../../domain/forms';
import { hashJson } from '../../../domain/text';
import type { App } from '../app';
import { ErrorBody } from '../errors';
import { body, type Door, json } from './door';
import { assignmentIdOf, conflict, labelAnswer, tooLate, unknownAssignment } from './labellingAnswers';
import {
  AssignmentParam,
  Extended,
  ended,
  Held,
  LabelAccepted,
  LabelBody,
  LabelHeaders,
  Released,
  SkipBody,
  Skipped,
  Viewed,
} from './labellingBodies';

export function addView(routes: App, db: Db, door: Door): void {
  routes.openapi(
    createRoute({
      ...door,
      method: 'post',
      path: '/api/assignments/{id}/view',
      request: { params: AssignmentParam },
      responses: { 200: json('When your screen first showed the item: once is enough', Viewed), ...ended },
    }),
    async (c) => {
      const own = { assignmentId: assignmentIdOf(c.req.valid('param').id), labellerId: c.var.person.id };
      const result = await view(db, own);
      if (result.kind === 'unknown-assignment') throw unknownAssignment();
      if (result.kind === 'too-late') throw tooLate('the lease has ended');
      return c.json({ viewedAt: result.at.toISOString() }, 200);
    },
  );
}

export function addLabel(routes: App, db: Db, door: Door): void {
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

export function addSkip(routes: App, db: Db, door: Door): void {
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

export function addRelease(routes: App, db: Db, door: Door): void {
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

export function addExtend(routes: App, db: Db, door: Door): void {
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

export function addUndo(routes: App, db: Db, door: Door): void {
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
