/** What is true of a text, found by letting the world's models write again: nothing about it is stored anywhere. */
import type { Composition, Truth } from './compose';
import type { SimulatedModel } from './models';

/**
 * Two models may write the same text. Its answers are then the same; it counts as avoidable if one of them could have avoided its
 * fault, so name the model where it is known.
 * @param write a model's answer to the prompt under a request's seed.
 * @returns undefined for a text that none of them wrote.
 */
export function truthOf(
  completion: string,
  models: readonly SimulatedModel[],
  requestSeeds: Iterable<number | null>,
  write: (model: SimulatedModel, requestSeed: number | null) => Composition,
): Truth | undefined {
  const compositions = [...requestSeeds].flatMap((requestSeed) => models.map((model) => write(model, requestSeed)));
  const [first, ...others] = compositions.filter(({ content }) => content === completion);
  if (!first) return undefined;
  return { answers: first.truth.answers, avoidable: [first, ...others].some(({ truth }) => truth.avoidable) };
}
