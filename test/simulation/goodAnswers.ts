/** What the answers file says that a program can check of a good answer, and the good answers that there are. */

import type { Check, Counted, PromptAnswers } from '../../simulation/world/answers';
import { withFault } from '../../simulation/world/faults';
import { drawsOf } from '../../simulation/world/seeded';
import { combined } from '../../simulation/world/universalFaults';

const MOST_COMBINATIONS = 200;

/** The slots of all good answers, or of a seeded sample where there are more. */
export function goodAnswers({ id, good }: PromptAnswers): string[][] {
  const total = good.reduce((product, alternatives) => product * alternatives.length, 1);
  if (total <= MOST_COMBINATIONS) {
    return good.reduce<string[][]>((all, slot) => all.flatMap((before) => slot.map((one) => [...before, one])), [[]]);
  }
  return Array.from({ length: MOST_COMBINATIONS }, (_, i) => {
    const draw = drawsOf('good answers', id, i);
    return good.map((slot, at) => combined({ join: '', good: [slot] }, (purpose) => draw(purpose, at), 'slot'));
  });
}

/** The texts with one fault; several where it leaves good slots standing. */
export function faultyTexts(answers: PromptAnswers, fault: PromptAnswers['faults'][number]): string[] {
  return [...new Set(goodAnswers(answers).map((good) => withFault(good, answers.join, fault)))];
}

const COUNTS = {
  lines: (text: string) => linesOf(text).length,
  sentences: (text: string) => linesOf(text).reduce((sum, line) => sum + (line.match(SENTENCE_END)?.length ?? 0), 0),
  words: (text: string) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length,
};
type CountName = keyof typeof COUNTS;
const COUNT_NAMES: readonly CountName[] = ['lines', 'sentences', 'words'];

/** So a greeting, a signature and a title are no sentences. */
const SENTENCE_END = /[.!?…]+["”’')\]]*(?=\s|$)/g;

/** Lines with something on them, without the marks of a list. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => line.replace(/^\s*(?:\d+[.)]|[-*•])\s+/, ''));
}

/** What of the counted does not hold of a text, in words. */
export function countsBrokenIn(check: Check, text: string): string[] {
  const broken = (name: string, count: number, expected: Counted | undefined) =>
    expected === undefined || isWithin(count, expected) ? [] : [`${count} ${name}`];
  return [
    ...COUNT_NAMES.flatMap((name) => broken(name, COUNTS[name](text), check[name])),
    ...linesOf(text).flatMap((line) => broken('words in a line', COUNTS.words(line), check.lineWords)),
  ];
}

export function countsSomething(check: Check): boolean {
  return check.lineWords !== undefined || COUNT_NAMES.some((name) => check[name] !== undefined);
}

function isWithin(count: number, expected: Counted): boolean {
  if (typeof expected === 'number') return count === expected;
  return count >= (expected.min ?? 0) && count <= (expected.max ?? Number.POSITIVE_INFINITY);
}

/** All that does not hold of a text, in words. */
export function brokenIn(check: Check, text: string): string[] {
  const lower = text.toLowerCase();
  const { contains = [], omits = [], starts = '', ends = '' } = check;
  return [
    ...countsBrokenIn(check, text),
    ...contains.filter((one) => !lower.includes(one.toLowerCase())).map((one) => `lacks ${one}`),
    ...omits.filter((one) => lower.includes(one.toLowerCase())).map((one) => `has ${one}`),
    ...(lower.startsWith(starts.toLowerCase()) ? [] : [`does not start with ${starts}`]),
    ...(lower.endsWith(ends.toLowerCase()) ? [] : [`does not end with ${ends}`]),
  ];
}
