/** What a world knows of prompts: those of its set with their written answers, and any other by a generic answer. */
import path from 'node:path';
import { type PromptAnswers, readAnswers } from './answers';
import { type PossibleFault, writtenFaults } from './faults';
import { genericAnswers } from './generic';
import { keyOf, type Message, type Prompt, readPrompts, requestOf } from './prompts';
import { Remembered } from './remembered';
import { type Occasion, type Stray, strayOf, universalFaults } from './universalFaults';

/** A prompt with all that may become of it. */
export interface Subject extends Occasion {
  /** The same for the same talk. */
  key: string;
  /** All that can be made, written and universal. */
  faults: readonly PossibleFault[];
}

const ROOT = path.join(__dirname, '../..');
/** Subjects that are not of the set; those used longest ago are worked out again. */
const REMEMBERED = 10_000;

export class Content {
  /** Of the prompts of the set. */
  readonly subjects: readonly Subject[];
  private readonly known: ReadonlyMap<string, Subject>;
  private readonly others = new Remembered<string, Subject>(REMEMBERED);
  private readonly strays: readonly Stray[];

  /** A prompt without answers is answered like one that is not of the set. */
  constructor(
    readonly prompts: readonly Prompt[],
    answers: readonly PromptAnswers[],
  ) {
    const byId = new Map(answers.map((one) => [one.id, one]));
    const written = prompts.map(({ id, messages }) => ({
      key: keyOf(messages),
      request: requestOf(messages),
      answers: byId.get(id) ?? genericAnswers(requestOf(messages)),
    }));
    this.strays = written.flatMap((one) => strayOf(one) ?? []);
    this.subjects = written.map((one) => this.subject(one.key, one.request, one.answers));
    this.known = new Map(this.subjects.map((one) => [one.key, one]));
  }

  /** The prompts and answers that Plumbline comes with. @throws ProblemsError with what is wrong in the answers. */
  static shipped(): Content {
    const prompts = readPrompts(path.join(ROOT, 'prompts/everyday.jsonl'));
    return new Content(prompts, readAnswers(path.join(ROOT, 'simulation/answers')));
  }

  subjectOf(messages: readonly Message[]): Subject {
    const key = keyOf(messages);
    const request = requestOf(messages);
    return this.known.get(key) ?? this.others.get(key, () => this.subject(key, request, genericAnswers(request)));
  }

  private subject(key: string, request: string, answers: Pick<PromptAnswers, 'join' | 'good' | 'faults'>): Subject {
    const occasion = { request, answers };
    return { key, ...occasion, faults: [...writtenFaults(answers), ...universalFaults(occasion, this.strays)] };
  }
}
