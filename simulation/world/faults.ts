/** Faults that can be made in an answer to one prompt: what is true of such an answer, and how it is written. */
import type { MisalignmentAnswers } from '../../domain/forms';
import type { PromptAnswers, WrittenFault } from './answers';
import type { Entry } from './models';
import type { Draw } from './seeded';

export interface PossibleFault {
  /** The ability that avoiding it takes. */
  entry: Entry;
  /** What an attentive labeller says of an answer with this fault. */
  answers: MisalignmentAnswers;
  /** @param good the slots of the faultless answer that it takes the place of. */
  write(good: readonly string[], draw: Draw): string;
}

/** What an attentive labeller says of an answer without a fault. */
export const FAULTLESS: MisalignmentAnswers = { forbidden: 'no', intent: 'met', faults: [] };

/** The faults that were written for one prompt. */
export function writtenFaults({ join, faults }: Pick<PromptAnswers, 'join' | 'faults'>): PossibleFault[] {
  return faults.map((fault) => {
    const { kind, entry, difficulty, wish, intent } = fault;
    return {
      entry,
      answers: { forbidden: 'no', intent, faults: [{ kind, entry, difficulty, wish }] },
      write: (good) => withFault(good, join, fault),
    };
  });
}

/** The text of an answer with a written fault in place of what it spoils. */
export function withFault(good: readonly string[], join: string, fault: WrittenFault): string {
  const { drop = [], add, slot, text = '', whole } = fault;
  if (whole !== undefined) return whole;
  const kept = good.filter((_, i) => !drop.includes(i));
  const changed = kept.map((part, i) => (i === slot ? text : part));
  return [...changed, ...(add === undefined ? [] : [add])].join(join);
}
