/** One answer of a simulated model, and what is true of it: a pure function of seed, model, prompt and the request's own seed. */
import type { MisalignmentAnswers } from '../../domain/forms';
import { chancesOf, faultAt, isAvoidable } from './chances';
import type { Subject } from './content';
import { FAULTLESS } from './faults';
import type { SimulatedModel } from './models';
import { drawsOf, picked } from './seeded';

export interface Truth {
  /** What an attentive labeller says of it. */
  answers: MisalignmentAnswers;
  /** Some fault of it is one that the model could really have avoided. */
  avoidable: boolean;
}

export interface Composition {
  content: string;
  truth: Truth;
}

/** @param requestSeed `seed` of the request; null where it had none. */
export function compose(
  seed: string,
  model: SimulatedModel,
  { key, answers, faults }: Subject,
  requestSeed: number | null,
): Composition {
  const draw = drawsOf(seed, model.id, key, requestSeed);
  const good = answers.good.map((alternatives, slot) => picked(alternatives, draw, 'slot', slot));
  const fault = faultAt(draw('fault'), chancesOf(model, faults));
  if (!fault) return { content: good.join(answers.join), truth: { answers: FAULTLESS, avoidable: false } };
  const truth = { answers: fault.answers, avoidable: isAvoidable(model, fault.answers) };
  return { content: fault.write(good, draw), truth };
}
