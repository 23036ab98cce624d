/** An item's id follows from its key, so that drawing a sample twice makes the same items. */
import type { ItemId, PromptId, RoundId } from './ids';
import { uuidOf } from './text';

export interface ItemKey {
  roundId: RoundId;
  promptId: PromptId;
  modelId: string;
  variant: string;
  k: number;
}

export function itemIdOf({ roundId, promptId, modelId, variant, k }: ItemKey): ItemId {
  return uuidOf(JSON.stringify(['item', roundId, promptId, modelId, variant, k])) as ItemId;
}
