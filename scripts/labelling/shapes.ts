/** The labelling API's answers, as this client reads them. */
import { z } from 'zod';
import { FORMS } from '../../domain/forms';

const choice = z.object({ value: z.string().nullable(), key: z.string().min(1), text: z.string() });
const plainQuestion = z.object({
  field: z.string(),
  text: z.string(),
  answers: z.array(choice).exactOptional(),
  required: z.boolean(),
  when: z.record(z.string(), z.array(z.string())).exactOptional(),
});
const question = plainQuestion.extend({
  each: z.array(plainQuestion).exactOptional(),
  most: z.number().exactOptional(),
});

const assignment = z.object({ id: z.string(), leaseExpiresAt: z.iso.datetime() });

export const OwnRounds = z.object({
  rounds: z.array(
    z.object({ roundId: z.string(), deadlineAt: z.iso.datetime(), simulated: z.boolean().exactOptional() }),
  ),
});
export const Leased = z.object({
  assignment,
  item: z.object({
    messages: z.array(z.unknown()),
    completion: z.string(),
    completionMessage: z.record(z.string(), z.unknown()).optional(),
    judgeTurn: z.number().exactOptional(),
  }),
  form: z.object({ name: z.enum(FORMS), questions: z.array(question) }),
});
export const Viewed = z.object({ viewedAt: z.string() });
export const Me = z.object({
  suspended: z.boolean(),
  terms: z.object({ hash: z.string(), text: z.string(), agreedAt: z.string().nullable() }).nullable(),
});
export const Agreed = z.object({ agreedAt: z.string() });
export const Nothing = z.object({ reason: z.string(), retryAfter: z.number().positive().optional() });
export const Next = z.union([Leased, Nothing]);
export const OwnLeases = z.object({ assignments: z.array(Leased) });
export const Accepted = z.object({ labelId: z.string() });
export const Skipped = z.object({ skipped: z.string() });
export const Released = z.object({ released: z.literal(true) });
export const Held = z.object({ assignment });

const titled = z.object({ id: z.string(), title: z.string(), text: z.string() });
export const ServedManual = z.object({
  name: z.string(),
  revision: z.number(),
  form: z.enum(FORMS),
  title: z.string(),
  task: z.string(),
  clauses: z.array(titled.extend({ part: z.string() })),
  entries: z.array(titled.extend({ kinds: z.array(z.string()) })),
  examples: z.array(
    titled.extend({ messages: z.array(z.unknown()).default([]), completion: z.string(), answers: z.unknown() }),
  ),
});

/** What the site says when it does not do what was asked. */
export const Refusal = z.object({
  error: z.object({
    kind: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    kept: z.boolean().optional(),
  }),
});

export type Leased = z.infer<typeof Leased>;
export type Nothing = z.infer<typeof Nothing>;
export type ServedManual = z.infer<typeof ServedManual>;
export type Refusal = z.infer<typeof Refusal>['error'];
