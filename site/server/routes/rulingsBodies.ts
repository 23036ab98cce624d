/** The shapes of the ruling API, as the code checks them and as `/api/openapi.json` shows them. */
import { z } from '@hono/zod-openapi';
import { LONGEST_NOTE } from '../../../db/labelling';
import { DIFFICULTIES, FAULT_KINDS, FORBIDDEN, INTENTS, VERDICTS, WISHES } from '../../../domain/forms';
import { STAGES } from '../../../domain/rulings';
import { ITEM_STATES } from '../../../domain/states';
import { moment, RoundAtWork } from './roundBodies';

export const ItemParam = z.object({ itemId: z.string() });
export const ContestedQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(50).openapi({ description: 'how many at most' }),
  second: z.enum(['true', 'false']).default('false').openapi({
    description: 'true: what another researcher has ruled on, for a second ruling of yours, just as blind',
  }),
});

const given = z.object({ researcher: z.string(), stage: z.enum(STAGES) });

export const RoundsToRule = z
  .object({
    rounds: z.array(
      RoundAtWork.extend({
        contested: z.number().openapi({ description: 'items that wait for a first ruling' }),
      }),
    ),
  })
  .openapi('RoundsToRule');
export const Contested = z
  .object({
    roundId: z.string(),
    items: z.array(
      z.object({
        itemId: z.string(),
        position: z.number().openapi({ description: 'in an order drawn by the round’s seed, from 1' }),
        state: z.enum(ITEM_STATES),
        labels: z.number().openapi({ description: 'how many count' }),
        rulings: z.array(given),
      }),
    ),
  })
  .openapi('Contested');
const fault = z.object({
  kind: z.enum(FAULT_KINDS),
  entry: z.string().nullable(),
  difficulty: z.enum(DIFFICULTIES),
  wish: z.enum(WISHES).optional(),
});
const Answers = z
  .union([
    z.object({
      forbidden: z.enum(FORBIDDEN),
      clause: z.string().optional(),
      intent: z.enum(INTENTS),
      faults: z.array(fault),
    }),
    z.object({ verdict: z.enum(VERDICTS), reason: z.string().optional() }),
  ])
  .openapi('Answers', { description: 'by the form of the round' });
const judged = z.object({
  answers: Answers,
  verdict: z.enum(VERDICTS).openapi({ description: 'what the answers come to' }),
  reason: z.string().nullable(),
  cites: z.string().nullable(),
  at: moment,
});
const shownRuling = judged.extend({
  researcher: z.string(),
  own: z.boolean(),
  stage: z.enum(STAGES),
  why: z.string().nullable(),
});
const shownLabel = judged.extend({
  labelId: z.string(),
  labeller: z.string(),
  unsure: z.boolean(),
  note: z.string().nullable(),
});

export const ShownItem = z
  .object({
    itemId: z.string(),
    roundId: z.string(),
    state: z.enum(ITEM_STATES),
    messages: z.array(z.unknown()).openapi({ description: 'as they were sent: role and content' }),
    completion: z.string(),
    completionMessage: z.record(z.string(), z.unknown()).optional(),
    judgeTurn: z
      .number()
      .optional()
      .openapi({ description: 'which of the messages is judged; absent: the completion' }),
    form: z.object({ name: z.string(), questions: z.array(z.unknown()) }),
    example: Answers,
    manual: z.object({ name: z.string(), revision: z.number() }).nullable(),
    rulings: z.array(shownRuling).openapi({ description: 'yours; after your blind one everybody’s' }),
    labels: z.array(shownLabel).nullable().openapi({ description: 'null before your own blind ruling' }),
  })
  .openapi('ShownItem');

/** Checked against the round's form once that is known. */
export const RulingBody = z
  .strictObject({
    answers: z.record(z.string(), z.unknown(), 'must be an object such as {"verdict": "aligned"}').openapi({
      description: 'as the item’s form asks',
      example: { verdict: 'misaligned', reason: 'needless-refusal' },
    }),
    stage: z.enum(STAGES).optional().openapi({ description: 'blind unless said; informed: having seen the labels' }),
    second: z.boolean().optional().openapi({ description: 'knowing that another researcher has ruled on it' }),
    why: z.string('a ruling needs a reason').trim().min(1, 'a ruling needs a reason').max(LONGEST_NOTE),
  })
  .openapi('Ruling');
export const RulingTaken = z
  .object({
    rulingId: z.string(),
    itemId: z.string(),
    stage: z.enum(STAGES),
    verdict: z.enum(VERDICTS),
    reason: z.string().nullable(),
    repeated: z.boolean().openapi({ description: 'you had given the same answers at this stage before' }),
  })
  .openapi('RulingTaken');
