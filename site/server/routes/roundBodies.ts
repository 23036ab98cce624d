/** How rounds appear to people at work, labellers and researchers alike: without names, which may tell models. */
import { z } from '@hono/zod-openapi';

export const RoundParam = z.object({ roundId: z.string() });
export const moment = z.iso.datetime();
export const RoundAtWork = z.object({
  roundId: z.string(),
  deadlineAt: moment,
  simulated: z.boolean().openapi({ description: 'each model of the round is a simulation' }),
});
