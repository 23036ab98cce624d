/** Opening a round and drawing its items. */

import type { Db } from '../db/connection';
import { markOpened } from '../db/rounds/open';
import { readRound } from '../db/rounds/read';
import { type DrawnPrompt, type NewItem, promptsOfSet, saveSample } from '../db/rounds/sample';
import { MAIN, type RoundId } from '../domain/ids';
import { itemIdOf } from '../domain/itemKey';
import { seededOrder, seededSample } from '../domain/sampling';
import type { FrozenModel } from '../domain/spec';
import type { RoundStatus } from '../domain/states';

export function openingActivities(db: Db) {
  return {
    /** Notes the opening once, and lets the round's accounts be tried afresh. */
    async openRound(roundId: RoundId): Promise<{ status: RoundStatus }> {
      return { status: await markOpened(db, roundId) };
    },

    /** The seeded draw, crossed with the models, shuffled and cut into shards. Returns counts only. */
    async samplePrompts(roundId: RoundId): Promise<{ prompts: number; items: number }> {
      const round = await readRound(db, roundId);
      const { spec, seed, settings } = round;
      const all = await promptsOfSet(db, spec.prompts.setHash);
      const drawn = seededSample(all, spec.prompts.sample, seed, 'prompts', (prompt) => prompt.externalId);
      const crossed = drawn.flatMap((prompt) => spec.models.map((model) => ({ prompt, model })));
      const shuffled = seededOrder(crossed, seed, 'items', ({ prompt, model }) =>
        JSON.stringify([prompt.externalId, model.id, MAIN, 0]),
      );
      const sample = shuffled.map(({ prompt, model }, position) =>
        newItem(roundId, prompt, model, position, settings.shardSize),
      );
      await saveSample(db, roundId, sample);
      return { prompts: drawn.length, items: sample.length };
    },
  };
}

function newItem(
  roundId: RoundId,
  prompt: DrawnPrompt,
  model: FrozenModel,
  position: number,
  shardSize: number,
): NewItem {
  const key = { roundId, promptId: prompt.id, modelId: model.id, variant: MAIN, k: 0 };
  return {
    ...key,
    id: itemIdOf(key),
    accountId: model.accountId,
    shard: Math.floor(position / shardSize),
    position,
    requirements: prompt.requirements,
  };
}
