/** Opening a round and drawing its items. */

import type { Db } from '../db/connection';
import { markOpened, type Opened } from '../db/rounds/open';
import { readRound } from '../db/rounds/read';
import { type DrawnPrompt, type ItemToBe, promptsOfSet, saveSample } from '../db/rounds/sample';
import { MAIN, type RoundId } from '../domain/ids';
import { type Draw, drawing, ordering } from '../domain/sampling';
import type { FrozenSpec } from '../domain/spec';
import { unhurried } from '../domain/steps';

export function openingActivities(db: Db) {
  return {
    /** Notes the opening once, and lets the round's accounts be tried afresh. */
    openRound: (roundId: RoundId): Promise<Opened> => markOpened(db, roundId),

    /**
     * The seeded draw, crossed with all that answers it, shuffled and cut into shards, whose calls may begin before this has
     * ended. Returns counts only.
     */
    async samplePrompts(roundId: RoundId): Promise<{ prompts: number; items: number }> {
      const round = await readRound(db, roundId);
      const { spec, seed } = round;
      const all = await promptsOfSet(db, spec.prompts.setHash, spec.prompts.strata?.field);
      const prompts = await unhurried(drawing(all, drawOf(spec.prompts), seed));
      const shuffled = await unhurried(ordering(crossed(prompts, spec), seed, 'items', keyOf));
      await saveSample(db, round, shuffled);
      return { prompts: prompts.length, items: shuffled.length };
    },
  };
}

/** What was frozen of a share is how many prompts it draws; which they are, follows from the share. */
function drawOf({ sample, share, strata }: FrozenSpec['prompts']): Draw {
  return { sample: share === undefined ? sample : null, share, strata };
}

function* crossed(prompts: readonly DrawnPrompt[], spec: FrozenSpec): Generator<ItemToBe> {
  const { models, completionsPerPrompt = 1 } = spec;
  const variants = spec.variants?.map(({ id }) => id) ?? [MAIN];
  for (const prompt of prompts) {
    for (const model of models) {
      for (const variant of variants) {
        for (let k = 0; k < completionsPerPrompt; k += 1) yield { prompt, model, variant, k };
      }
    }
  }
}

function keyOf({ prompt, model, variant, k }: ItemToBe): string {
  return JSON.stringify([prompt.externalId, model.id, variant, k]);
}
