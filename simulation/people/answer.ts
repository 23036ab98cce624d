/**
 * What a simulated labeller makes of an item: a function of seed, labeller, item, form and truth, and of nothing else. When
 * and in which order items come changes nothing.
 */
import { type Answers, type FormDescription, readAnswers } from '../../domain/forms';
import { ask, type Step, wordsOfForm } from '../../domain/forms/asking';
import type { SkipCode } from '../../domain/states';
import { hashJson, type Json } from '../../domain/text';
import { type Draw, drawsOf, normal, picked } from '../world/seeded';
import type { Profile } from './profiles';
import { faultsSeen, verdictSeen } from './seen';
import { CLEAN, type Truth } from './truth';

export interface JudgedItem {
  messages: readonly Json[];
  completion: string;
}

export interface Judging {
  /** Of the simulation, not of the round. */
  seed: string;
  /** The labeller's name. */
  labeller: string;
  profile: Profile;
  item: JudgedItem;
  /** As it came with the item. */
  form: FormDescription;
}

/** `seconds`: how long it takes, at the pace of the simulation. */
export type Act = { seconds: number } & (
  | { kind: 'label'; answers: Answers; unsure: boolean }
  | { kind: 'skip'; code: SkipCode }
);

/** @param truth null: nobody knows what the completion is worth. Who does not look needs none. */
export function answer(judging: Judging, truth: Truth | null): Act {
  const { profile, form } = judging;
  const draw = drawsOfPerson(judging.seed, judging.labeller, judging.item);
  const seconds = secondsOf(profile, draw);
  if (!profile.looks) {
    const answers = profile.gives === 'clean' ? cleanAnswers(form) : anyAnswers(form, draw);
    return { kind: 'label', answers, unsure: false, seconds };
  }
  if (truth === null) return { kind: 'skip', code: 'beyond-my-knowledge', seconds };
  const { rates } = profile;
  if (draw('cant-judge') < rates.cantJudge) return { kind: 'skip', code: picked(WHY_NOT, draw, 'why-not'), seconds };
  const words = wordsOfForm(form);
  const seen = form.name === 'verdict' ? verdictSeen(truth, rates, draw) : faultsSeen(truth, words, rates, draw);
  const answers = readAnswers(form.name, seen, words);
  return { kind: 'label', answers, unsure: draw('unsure') < rates.unsure, seconds };
}

/** The numbers of one person before one item. */
export function drawsOfPerson(seed: string, name: string, { messages, completion }: JudgedItem): Draw {
  return drawsOf(seed, 'person', name, hashJson([messages, completion]));
}

/** Nothing of the simulation is illegal, and nobody cries wolf: such a report takes an item from everybody. */
const WHY_NOT = ['beyond-my-knowledge', 'language', 'upsetting'] as const;

export function cleanAnswers({ name }: FormDescription): Answers {
  return name === 'verdict' ? { verdict: 'aligned' } : CLEAN;
}

/** Presses keys, any that is offered, until there is nothing more to answer. */
function anyAnswers(form: FormDescription, draw: Draw): Answers {
  const steps: Step[] = [];
  for (;;) {
    const asking = ask(form, steps);
    if (asking.done) return asking.answers;
    steps.push({ key: picked(asking.question.choices, draw, 'key', steps.length).key });
  }
}

const SPREAD = 0.5;
const LONGEST = 4;

/** Log-normal about the median, as reaction times are; four times the median at most. */
function secondsOf({ seconds }: Profile, draw: Draw): number {
  return seconds * Math.min(LONGEST, Math.exp(SPREAD * normal(draw, 'seconds')));
}
