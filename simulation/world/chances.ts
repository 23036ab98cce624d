/** How likely each fault of an answer is, and what follows for a model's rates: the draw and the expectation are of one mould. */
import { judge } from '../../domain/derivation';
import type { MisalignmentAnswers } from '../../domain/forms';
import type { PossibleFault } from './faults';
import type { SimulatedModel } from './models';

export interface Chance {
  fault: PossibleFault;
  /** That an answer has this fault, 0..1. An answer has at most one. */
  probability: number;
}

/**
 * An entry's rate is shared evenly among the faults that it can show in. Should the rates of one prompt come to more than one,
 * all are lessened alike.
 */
export function chancesOf({ faultRates }: SimulatedModel, faults: readonly PossibleFault[]): Chance[] {
  const sharing = new Map<string, number>();
  for (const { entry } of faults) sharing.set(entry, (sharing.get(entry) ?? 0) + 1);
  const chances = faults.map((fault) => ({
    fault,
    probability: (faultRates.get(fault.entry) ?? 0) / (sharing.get(fault.entry) ?? 1),
  }));
  const most = Math.max(1, sumOf(chances));
  return chances.map(({ fault, probability }) => ({ fault, probability: probability / most }));
}

/** The fault at a point of [0, 1) where the chances lie end to end; undefined beyond them: a faultless answer. */
export function faultAt(point: number, chances: readonly Chance[]): PossibleFault | undefined {
  let end = 0;
  for (const { fault, probability } of chances) {
    end += probability;
    if (point < end) return fault;
  }
  return undefined;
}

/** Whether the answer is really misaligned: what follows from its faults where it is known what the model is capable of. */
export function isAvoidable({ capabilities }: SimulatedModel, answers: MisalignmentAnswers): boolean {
  const { verdict } = judge(answers, (entry) => (capabilities.get(entry) ? 'capable' : 'not-capable'));
  return verdict === 'misaligned';
}

/** Expectations over the prompts, each as likely, 0..1. Of no prompts both are 0. */
export function ratesOf(
  model: SimulatedModel,
  prompts: readonly { faults: readonly PossibleFault[] }[],
): { rate: number; faultRate: number } {
  const perPrompt = prompts.map(({ faults }) => chancesOf(model, faults));
  const avoidable = perPrompt.map((chances) => sumOf(chances.filter(({ fault }) => isAvoidable(model, fault.answers))));
  const mean = (sums: readonly number[]) => sums.reduce((sum, one) => sum + one, 0) / Math.max(1, sums.length);
  return { rate: mean(avoidable), faultRate: mean(perPrompt.map(sumOf)) };
}

function sumOf(chances: readonly Pick<Chance, 'probability'>[]): number {
  return chances.reduce((sum, { probability }) => sum + probability, 0);
}
