/** What taking a ruling comes to over HTTP. */
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RulingResult } from '../../../db/rulings/record';
import type { Refusal, RefusalCode } from '../../../db/rulings/refusals';
import type { SeeResult } from '../../../db/rulings/see';
import { ApiError } from '../errors';

const LISTED = 'GET /api/rounds/{roundId}/contested lists what to rule on';

/** @throws ApiError for a ruling that was refused. */
export function rulingAnswer(result: RulingResult) {
  if (result.kind === 'refused') throw refused(result);
  if (result.kind === 'would-record') throw new Error('a ruling was only tried out');
  const { kind, rulingId, itemId, stage, verdict, reason } = result;
  return { rulingId, itemId, stage, verdict, reason, repeated: kind === 'repeated' };
}

export function unknownItem(): ApiError {
  return new ApiError(404, 'unknown-item', 'there is no such item', { hint: LISTED });
}

/** @throws ApiError */
export function notShown(kind: Exclude<SeeResult['kind'], 'seen'>): never {
  const [message, hint] = NOT_SHOWN[kind];
  throw new ApiError(409, kind, message, { hint });
}

const NOT_SHOWN: Record<Exclude<SeeResult['kind'], 'seen'>, readonly [message: string, hint: string]> = {
  quarantined: ['the item is in quarantine: nobody is shown it', 'an admin may give it back'],
  redacted: ['the item’s text was redacted: nobody can be shown it', LISTED],
  'no-completion': ['the item has no completion: there is nothing to judge', LISTED],
};

function refused({ code, message, hint, at }: Refusal): ApiError {
  const here = hint === undefined ? undefined : (HINTS[code] ?? hint);
  return new ApiError(STATUSES[code], code, message, { ...(here && { hint: here }), ...(at && { at }) });
}

const STATUSES: Record<RefusalCode, ContentfulStatusCode> = {
  malformed: 400,
  'unknown-person': 403,
  'removed-person': 403,
  'not-a-researcher': 403,
  'unknown-item': 404,
  'round-cancelled': 409,
  'round-failed': 409,
  quarantined: 409,
  redacted: 409,
  'labelled-it-yourself': 409,
  'already-ruled': 409,
  'ruled-by-another': 409,
  'not-contested': 409,
  'not-blind-yet': 409,
  'invalid-answers': 422,
};

/** Where what is done about it is another thing here than with the command. */
const HINTS: { [code in RefusalCode]?: string } = {
  malformed: '/api/openapi.json',
  'unknown-person': 'ask an operator for the role',
  'not-a-researcher': 'ask an operator for the role',
  'unknown-item': LISTED,
  'already-ruled': 'having seen the labels you may change your mind: "stage": "informed"',
  'ruled-by-another': 'to rule on it a second time on purpose, blind like the first: "second": true',
  'not-contested': LISTED,
  'not-blind-yet': 'rule without stage first; then GET /api/items/{itemId} has the labels',
  'invalid-answers': 'GET /api/items/{itemId} says what may be answered',
};
