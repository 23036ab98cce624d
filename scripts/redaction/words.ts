/** What is said of the places where a text is repeated: no more than was looked at. */
import { COUNTED_AT_MOST, type Place, type Repeats } from '../../db/redaction';
import { count } from '../output';

const PLACES: readonly (readonly [Place, string, string])[] = [
  ['metadata', 'what the files said beside %', 'other prompt'],
  ['answers', 'the answers of %', 'label'],
  ['lateAnswers', 'the answers of % too late to count', 'label'],
  ['rulings', 'the answers of %', 'ruling'],
  ['manuals', '%', 'manual revision'],
  ['capabilityTables', '%', 'capability table'],
  ['specs', 'the specs of %', 'round'],
  ['schedules', '%', 'schedule'],
];

const LOOKED_AT =
  'looked for were its words (of several messages, the longest) in texts, what files said beside prompts, answers, manuals, capability tables, specs and schedules; not in names, reasons of acts and settings';

export function repeatedLines(repeats: Repeats | undefined): string[] {
  if (!repeats)
    return ['whether its words stand elsewhere is not known: they are too few, or the search took too long'];
  const { texts, beside } = repeats;
  const found = PLACES.filter(([place]) => beside[place] > 0);
  return [
    ...(texts.hashes.length + found.length === 0 ? ['its words were found nowhere else'] : textLines(texts)),
    ...found.map(([place, words, noun]) => `its words stand in ${words.replace('%', counted(beside[place], noun))}`),
    ...(found.length > 0 ? ['what does not stand in a text has no hash, and is not redacted with it'] : []),
    LOOKED_AT,
  ];
}

function textLines({ hashes, more }: Repeats['texts']): string[] {
  if (hashes.length === 0) return [];
  const found = more ? `more than ${hashes.length} other stored texts` : count(hashes.length, 'other stored text');
  return [
    `its words stand in ${found} too, each to be redacted by its own hash:`,
    ...hashes.map((hash) => `  ${hash}`),
  ];
}

function counted(n: number, noun: string): string {
  return n < COUNTED_AT_MOST ? count(n, noun) : `${count(n, noun)} or more`;
}
