/** What is said of the places where a text is repeated. */
import type { Repeats } from '../../db/redaction';
import { count } from '../output';

export function repeatedLines(repeats: Repeats | undefined): string[] {
  if (!repeats)
    return ['whether its words stand elsewhere is not known: they are too few, or the search took too long'];
  const { texts, prompts, answers } = repeats;
  if (texts.hashes.length + prompts + answers === 0) return ['its words stand in no other stored text'];
  const found = texts.more
    ? `more than ${texts.hashes.length} other stored texts`
    : count(texts.hashes.length, 'other stored text');
  return [
    `its words stand in ${found} too, each to be redacted by its own hash${texts.hashes.length > 0 ? ':' : ''}`,
    ...texts.hashes.map((hash) => `  ${hash}`),
    ...(prompts > 0 ? [`and in what the files said beside ${count(prompts, 'other prompt')}`] : []),
    ...(answers > 0 ? [`and in the answers of ${count(answers, 'label')}`] : []),
  ];
}
