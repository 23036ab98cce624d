/** What callers may send. Settings that are not named here change nothing in a simulated world. */
import { z } from 'zod';
import { messageShape } from '../world/prompts';

const limit = z.number().int().min(1).nullish();

const commonBody = z.looseObject({
  model: z.string().min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
  seed: z.number().int().nullish(),
  n: z.literal(1, { error: 'only one choice can be had here' }).nullish(),
});
export type CommonBody = z.output<typeof commonBody>;

export const chatBody = commonBody.extend({ messages: z.array(messageShape).min(1) });

export const textBody = commonBody.extend({
  prompt: z
    .string({ error: 'one text is taken here, no list and no tokens' })
    .min(1)
    .transform((text) => text.toWellFormed()),
  echo: z.literal(false, { error: 'the prompt is not repeated here' }).nullish(),
});

export const truthBody = z.object({
  messages: z.array(messageShape).min(1),
  completion: z.string(),
  /** Who wrote it, where that is known. */
  model: z.string().nullish(),
});
