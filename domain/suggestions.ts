/** What was probably meant by a word that is not known. */
import { distance } from 'fastest-levenshtein';

/** The known word that was probably meant, if one is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const meant = plain(word);
  const allowed = Math.max(1, Math.floor(meant.length / 3));
  return known
    .map((candidate) => ({ candidate, away: distance(meant, plain(candidate)) }))
    .filter(({ away }) => away <= allowed)
    .sort((a, b) => a.away - b.away)[0]?.candidate;
}

/** `maxTokens`, `max-tokens` and `max_tokens` are the same word. */
function plain(word: string): string {
  return word.slice(0, 100).toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** "did you mean …?", or all there is to choose from. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant ? `did you mean ${meant}?` : `there is: ${known.join(', ')}`;
}
