/** Rough tokens: pieces of words, numbers and marks with the space before them. Joined they are the text again. */
import { Remembered } from '../world/remembered';

const TOKEN = /\s*(?:\p{L}{1,6}|\p{N}{1,3}|[^\s\p{L}\p{N}])|\s+/gu;
const WORD = /\s*\S+|\s+/gu;
/** What a provider's template adds around a message. */
const PER_MESSAGE = 4;

export function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** Token counts of texts; those counted longest ago are counted again. */
const counted = new Remembered<string, number>(10_000);

function countOf(text: string): number {
  return counted.get(text, () => tokensOf(text).length);
}

/** Words with the space before them, as a stream sends them. */
export function piecesOf(text: string): string[] {
  return text.match(WORD) ?? [];
}

export function promptTokens(messages: readonly { content: string }[]): number {
  return messages.reduce((sum, { content }) => sum + PER_MESSAGE + countOf(content), 0);
}

export interface Cut {
  content: string;
  tokens: number;
  finishReason: 'stop' | 'length';
}

/** @param most tokens; null: no limit. */
export function cutAfter(text: string, most: number | null): Cut {
  const tokens = countOf(text);
  if (most === null || tokens <= most) return { content: text, tokens, finishReason: 'stop' };
  return { content: tokensOf(text).slice(0, most).join(''), tokens: most, finishReason: 'length' };
}
