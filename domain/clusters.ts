/** Completions of one prompt are a cluster: what a round with several says less of than its number of items. */
import { type FrozenSpec, perPromptAndModel } from './spec';

/** What clusters mean for a round's intervals, in a sentence or two; null: each model answers a prompt once. */
export function clusterNote(
  spec: Pick<FrozenSpec, 'variants' | 'completionsPerPrompt'> & { prompts: { sample: number } },
): string | null {
  const each = perPromptAndModel(spec);
  if (each === 1) return null;
  const { variants, completionsPerPrompt = 1 } = spec;
  const { sample } = spec.prompts;
  const parts = [
    ...(variants && variants.length > 1 ? [`${variants.length} variants`] : []),
    ...(completionsPerPrompt > 1 ? [`${completionsPerPrompt} completions`] : []),
  ];
  const how = parts.length > 1 ? ` (${parts.join(' × ')})` : '';
  return (
    `each model answers a prompt ${each} times${how}, and the intervals take its ${sample * each} completions as independent: ` +
    `answers to one prompt are often alike, so the intervals are too narrow and a guarantee is met too easily; ` +
    `at worst they say no more than ${sample} completions would`
  );
}
