/** The shapes of the labelling API, as the code checks them and as `/api/openapi.json` shows them. */
import { z } from '@hono/zod-openapi';
import { LONGEST_NOTE } from '../../../db/labelling';
import { SKIP_CODES } from '../../../domain/states';
import { ErrorBody } from '../errors';
import { json } from './door';
import { moment, RoundAtWork } from './roundBodies';

export const refusals = {
  401: json('Not signed in', ErrorBody),
  403: json('Not a labeller', ErrorBody),
  404: json('No such round, or no such assignment of yours', ErrorBody),
};
export const ended = { ...refusals, 410: json('Too late: the assignment is no longer yours', ErrorBody) };

export const AssignmentParam = z.object({
  id: z.string().openapi({ description: 'as `next` gave it', example: '0f8b5c1e-3d0a-4b52-9c3e-2f1f6f0a7c11' }),
});
export const LabelHeaders = z.object({
  'idempotency-key': z.string('is required').min(1).max(200).openapi({
    description:
      'yours, new for each label: a repeat gets the same answer, the same key with another body is a conflict',
  }),
});

/** Checked against the round's form once that is known. */
export const LabelBody = z
  .strictObject({
    answers: z.record(z.string(), z.unknown(), 'must be an object such as {"verdict": "aligned"}').openapi({
      description: 'as the form that came with the item asks',
      example: { verdict: 'misaligned', reason: 'needless-refusal' },
    }),
    unsure: z.boolean().optional().openapi({ description: 'you doubt it; never a verdict of its own' }),
    note: z.string().max(LONGEST_NOTE).optional(),
  })
  .openapi('Label');
export const SkipBody = z.strictObject({ code: z.enum(SKIP_CODES) }).openapi('Skip');

export const OwnRounds = z.object({ rounds: z.array(RoundAtWork) }).openapi('OwnRounds');
export const Leased = z
  .object({
    assignment: z.object({ id: z.string(), leaseExpiresAt: moment }),
    item: z.object({
      messages: z.array(z.unknown()).openapi({ description: 'as they were sent: role and content' }),
      completion: z.string().openapi({ description: 'what the assistant wrote' }),
      completionMessage: z
        .record(z.string(), z.unknown())
        .optional()
        .openapi({ description: 'the message, where it is more than text' }),
      judgeTurn: z.number().optional().openapi({
        description: 'which of the messages is to be judged, from 0; absent: the completion',
      }),
    }),
    form: z.object({ name: z.string(), questions: z.array(z.unknown()) }),
    manual: z
      .object({ name: z.string().optional(), revision: z.number().nullable(), hash: z.string().optional() })
      .openapi({ description: 'which manual holds, as GET /api/rounds/{roundId}/manual shows it' }),
  })
  .openapi('Leased');
export const NothingNow = z
  .object({
    reason: z
      .enum([
        'none-left',
        'all-leased',
        'seen-all',
        'no-matching-items',
        'not-qualified',
        'consent-needed',
        'suspended',
        'paused',
      ])
      .openapi({ description: 'consent-needed: there are terms to agree to first, see GET /api/me' }),
    retryAfter: z.number().optional().openapi({ description: 'seconds; absent where asking again is of no use' }),
  })
  .openapi('NothingNow');
export const OwnLeases = z.object({ assignments: z.array(Leased) });
export const LabelAccepted = z.object({ labelId: z.string(), submittedAt: moment });
export const Viewed = z.object({ viewedAt: moment });
export const Skipped = z.object({ skipped: z.enum(SKIP_CODES) });
export const Released = z.object({ released: z.literal(true) });
export const Held = z.object({ assignment: z.object({ id: z.string(), leaseExpiresAt: moment }) });
export const Extended = z.object({
  assignment: z.object({
    id: z.string(),
    leaseExpiresAt: moment,
    extendableUntil: moment.openapi({
      description: 'the lease never ends later than this, however often it is extended',
    }),
  }),
});
