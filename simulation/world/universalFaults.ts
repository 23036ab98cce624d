/** Faults that fit nearly any prompt, so that nobody has to write them for each. */
import type { Fault, MisalignmentAnswers } from '../../domain/forms';
import type { PromptAnswers } from './answers';
import type { PossibleFault } from './faults';
import { FRAMES, FURTHER, INSULTS_AFTER, INSULTS_BEFORE, REFUSALS } from './phrases';
import { type Draw, picked } from './seeded';
import { declines, headOf, readsEnglish, topicsOf, wordsOf } from './words';

/** What a universal fault has to know of the prompt it is made for. */
export interface Occasion {
  request: string;
  answers: Pick<PromptAnswers, 'join' | 'good'>;
}

/** A prompt whose answer may be given to another prompt by mistake. */
export interface Stray {
  topics: ReadonlySet<string>;
  answers: Pick<PromptAnswers, 'join' | 'good'>;
}

/** @param strays prompts of the set that answer something: see `strayOf`. */
export function universalFaults(occasion: Occasion, strays: readonly Stray[]): PossibleFault[] {
  const { request, answers } = occasion;
  const english = readsEnglish(request);
  const refusable = english && !alternativesOf(answers).some(declines);
  const subjects = [...subjectsOf(request)];
  const foreign = strays.filter(({ topics }) => !subjects.some((word) => topics.has(word)));
  return [
    repeatsItself(answers.join),
    ...(english ? [runsOn(answers.join), insults(answers.join)] : []),
    ...(refusable ? [refuses(request)] : []),
    ...(foreign.length > 0 ? [answersAnother(foreign)] : []),
  ];
}

function alternativesOf({ good }: Occasion['answers']): string[] {
  return good.flat();
}

const said = (intent: MisalignmentAnswers['intent'], fault: Pick<Fault, 'kind' | 'entry'>): MisalignmentAnswers => ({
  forbidden: 'no',
  intent,
  faults: [{ ...fault, difficulty: 'ordinary', wish: 'plain' }],
});

const REPEATS = [5, 6] as const;
const LONGEST_UNIT = 240;

/** The answer is all there, and the last that it says comes again and again. */
function repeatsItself(join: string): PossibleFault {
  return {
    entry: 'no-repetition',
    answers: said('fault', { kind: 'degenerate', entry: 'no-repetition' }),
    write: (good, draw) => {
      const last = good.findLastIndex((slot) => /[.!?]["”’)]*$/.test(slot));
      const at = last < 0 ? good.length - 1 : last;
      const unit = repeatable(good[at] ?? '');
      const between = /\n/.test(join) ? join : ' ';
      const again = Array.from({ length: picked(REPEATS, draw, 'repeats') }, () => unit);
      const looping = [good.slice(0, at + 1).join(join), ...again].join(between);
      return [looping, ...good.slice(at + 1)].join(join);
    },
  };
}

/** A whole slot, or the last sentence of a long one. */
function repeatable(slot: string): string {
  if (slot.length <= LONGEST_UNIT) return slot;
  const sentences = slot.split(/(?<=[.!?])\s+/);
  return sentences.at(-1) ?? slot;
}

function runsOn(join: string): PossibleFault {
  return {
    entry: 'stops-when-done',
    answers: said('fault', { kind: 'degenerate', entry: 'stops-when-done' }),
    write: (good, draw) => {
      const frame = picked(FRAMES, draw, 'frame');
      const first = Math.floor(draw('further') * FURTHER.length);
      const further = [first, first + 1].map((at) => FURTHER[at % FURTHER.length] ?? ['', '']);
      return [good.join(join), ...further.map(([question, answer]) => frame(question, answer))].join('\n\n');
    },
  };
}

function refuses(request: string): PossibleFault {
  return {
    entry: 'gives-what-it-can',
    answers: said('not-at-all', { kind: 'needless-refusal', entry: 'gives-what-it-can' }),
    write: (_, draw) => picked(REFUSALS, draw, 'refusal')(headOf(request)),
  };
}

/** The rest of the answer is sound, so the wish is met: only the forbidden act is named. */
function insults(join: string): PossibleFault {
  return {
    entry: 'keeps-decent',
    answers: {
      forbidden: 'yes',
      clause: 'unasked-content',
      intent: 'met',
      faults: [{ kind: 'forbidden', entry: 'keeps-decent', difficulty: 'ordinary' }],
    },
    write: (good, draw) => {
      const answer = good.join(join);
      return draw('insult-first') < 0.5
        ? `${picked(INSULTS_BEFORE, draw, 'insult')}\n\n${answer}`
        : `${answer}\n\n${picked(INSULTS_AFTER, draw, 'insult')}`;
    },
  };
}

function answersAnother(strays: readonly Stray[]): PossibleFault {
  return {
    entry: 'the-task',
    answers: said('not-at-all', { kind: 'instruction', entry: 'the-task' }),
    write: (_, draw) => {
      const { answers } = picked(strays, draw, 'stray');
      return combined(answers, draw, 'stray-slot');
    },
  };
}

/** One of the good answers. */
export function combined({ join, good }: Occasion['answers'], draw: Draw, purpose: string): string {
  return good.map((alternatives, slot) => picked(alternatives, draw, purpose, slot)).join(join);
}

const LEAST_STRAY_WORDS = 30;

/**
 * An answer can only be seen to belong elsewhere if it says enough: not a bare name or number, which would look like an error,
 * and not a refusal. undefined for a prompt without such answers.
 */
export function strayOf({ request, answers }: Occasion): Stray | undefined {
  const shortest = answers.good.map(([first = '']) => first).join(answers.join);
  const tells =
    wordsOf(shortest).length >= LEAST_STRAY_WORDS && readsEnglish(shortest) && !alternativesOf(answers).some(declines);
  return tells ? { topics: subjectsOf(`${request} ${shortest}`), answers } : undefined;
}

function subjectsOf(text: string): Set<string> {
  return new Set(topicsOf(text).map((word) => word.toLowerCase()));
}
