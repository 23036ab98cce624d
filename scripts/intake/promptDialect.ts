/** What stands between the cells of a table: as it was said, else as its first line looks. */
import type { EntryReading } from './promptEntries';
import type { PromptFile } from './promptFile';

const KNOWN = [',', ';', '\t', '|'] as const;

/** Why nothing can stand between cells by this delimiter; undefined where it may. */
export function delimiterFault(delimiter: string): string | undefined {
  if (delimiter === 'tab') return undefined;
  if ([...delimiter].length !== 1) return 'must be a single character, or tab';
  return /["\r\n]/.test(delimiter) ? 'cannot be a quote or a line end' : undefined;
}

/**
 * The delimiter under which the first line names a column that holds prompts; of several, or of none, the one that makes
 * the most columns.
 * @param head how the table begins.
 */
export function delimiterOf(
  head: string,
  { tabs }: Pick<PromptFile, 'tabs'>,
  { fields, delimiter }: EntryReading,
): string {
  if (delimiter !== undefined) return delimiter === 'tab' ? '\t' : delimiter;
  const order = tabs ? ['\t', ...KNOWN.filter((one) => one !== '\t')] : KNOWN;
  const ranked = order.map((one) => {
    const names = namesIn(head, one);
    return { one, rank: (fields.holdsPrompts(names) ? 1_000_000 : 0) + names.length };
  });
  // The sort is stable: what goes before is preferred.
  return ranked.sort((a, b) => b.rank - a.rank)[0]?.one ?? ',';
}

/** The cells of the first line; what stands in quotes is one, whatever is in it. */
function namesIn(head: string, delimiter: string): string[] {
  const names = [''];
  let quoted = false;
  for (const character of head) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && character === delimiter) names.push('');
    else names[names.length - 1] += character;
  }
  return names.map((name) => name.trim());
}
