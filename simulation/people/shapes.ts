/** What the site answers, as far as simulated people read it. */
import { z } from 'zod';
import { FORMS } from '../../domain/forms';
import type { Json } from '../../domain/text';

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
const form = z.object({ name: z.enum(FORMS), questions: z.array(question) });
const shown = { messages: z.array(z.json()), completion: z.string(), judgeTurn: z.number().exactOptional() };

/** Where an earlier turn is to be judged: that turn, and the talk up to it. */
function asJudged<Item extends { messages: Json[]; completion: string; judgeTurn?: number }>(item: Item): Item {
  if (item.judgeTurn === undefined) return item;
  const judged = z.object({ content: z.string() }).safeParse(item.messages[item.judgeTurn]).data;
  return { ...item, messages: item.messages.slice(0, item.judgeTurn), completion: judged?.content ?? '' };
}

const round = z.object({ roundId: z.string(), simulated: z.boolean() });
export const Rounds = z.object({ rounds: z.array(round) });

export const Leased = z.object({
  assignment: z.object({ id: z.string(), leaseExpiresAt: z.iso.datetime() }),
  item: z.object(shown).transform(asJudged),
  form,
});
export type Leased = z.infer<typeof Leased>;
export const Leases = z.object({ assignments: z.array(Leased) });
export const Next = z.union([Leased, z.object({ reason: z.string(), retryAfter: z.number().positive().optional() })]);
export const Terms = z.object({ terms: z.object({ hash: z.string() }).nullable() });
/** That something was done; what it came to is of no use here. */
export const Done = z.object({});

export const Contested = z.object({
  items: z.array(z.object({ itemId: z.string(), state: z.string(), rulings: z.array(z.unknown()) })),
});
export const ShownItem = z.object({ ...shown, form }).transform(asJudged);

export const Refused = z.object({ error: z.object({ kind: z.string().optional(), code: z.string().nullish() }) });
