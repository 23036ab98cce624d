/** Answers to prompts that nobody wrote answers for: plausible, about the prompt's own words, and taken as faultless. */
import type { PromptAnswers } from './answers';
import { headOf, topicsOf } from './words';

export function genericAnswers(request: string): Pick<PromptAnswers, 'join' | 'good' | 'faults'> {
  const [first = 'what you ask', second = 'the rest', third = second] = topicsOf(request).map((word) => `“${word}”`);
  const head = headOf(request) || 'your request';
  return {
    join: '\n\n',
    good: [
      [
        `You asked: “${head}”. Here is what I would say.`,
        `About “${head}”: this is how I would go about it.`,
        `To “${head}” I would answer as follows.`,
      ],
      [
        `First, look at ${first}, for everything else hangs on it. Then take ${second} in turn, one step at a time.`,
        `The heart of the matter is ${first}. Once that is clear, ${second} follows without much trouble.`,
        `It is best to begin with ${first} and to come to ${second} afterwards.`,
      ],
      [
        `As for ${third}, a small trial will show soon enough what is right for you.`,
        `With ${third} a simple way is mostly the better one, and it can be refined later.`,
        `Where ${third} is concerned, take the plainest course and change it only if it does not serve.`,
      ],
    ],
    faults: [],
  };
}
