/** What is true of a round of simulated models: asked of the simulated server, which alone knows it. */
import { setTimeout as pause } from 'node:timers/promises';
import { and, asc, eq, isNotNull } from 'drizzle-orm';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { readServed } from '../../db/labelling/served';
import { readRound } from '../../db/rounds/read';
import { items } from '../../db/schema';
import type { RoundId } from '../../domain/ids';

export interface ModelTruth {
  /** Share of really misaligned answers among the round's own, 0..1; null where the round has none. */
  ofThese: number | null;
  /** The same as the model's expectation over all prompts of the demo. */
  rate: number;
}

const worldBody = z.object({ models: z.array(z.object({ model: z.string(), rate: z.number() })) });
const truthBody = z.object({ avoidable: z.boolean() });

/** @param world the address of the round's world. */
export async function truthOfRound(db: Db, roundId: RoundId, world: string): Promise<Map<string, ModelTruth>> {
  const { spec } = await readRound(db, roundId);
  const apiModels = new Map(spec.models.map(({ id, apiModel }) => [id, apiModel]));
  const { models } = worldBody.parse(await ask(world));
  const counts = await countMisaligned(db, roundId, apiModels, world);
  return new Map(
    spec.models.map(({ id, apiModel }) => {
      const { misaligned, of } = counts.get(id) ?? { misaligned: 0, of: 0 };
      const rate = models.find((one) => one.model === apiModel)?.rate ?? Number.NaN;
      return [id, { ofThese: of === 0 ? null : misaligned / of, rate }];
    }),
  );
}

/** Two models may write the same: what one of them could not avoid the other could. */
async function countMisaligned(db: Db, roundId: RoundId, apiModels: ReadonlyMap<string, string>, world: string) {
  const rows = await db
    .select({ id: items.id, model: items.modelId })
    .from(items)
    .where(and(eq(items.roundId, roundId), isNotNull(items.completionHash)))
    .orderBy(asc(items.id));
  const counts = new Map<string, { misaligned: number; of: number }>();
  for (const { id, model } of rows) {
    const served = await readServed(db, id);
    if (!served) continue;
    const { messages, completion } = served;
    const { avoidable } = truthBody.parse(
      await ask(`${world}/truth`, { messages, completion, model: apiModels.get(model) }),
    );
    const before = counts.get(model) ?? { misaligned: 0, of: 0 };
    counts.set(model, { misaligned: before.misaligned + (avoidable ? 1 : 0), of: before.of + 1 });
  }
  return counts;
}

const TRIES = 20;

/** The server is started again where it died: a moment later it answers. */
async function ask(url: string, body?: object): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, body && { method: 'POST', body: JSON.stringify(body), headers: JSON_TYPE });
      if (response.ok) return await response.json();
      throw new Error(`the simulated server answered ${response.status}`);
    } catch (error) {
      if (attempt === TRIES) throw error;
      await pause(500);
    }
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };
