/** A prompt's words, as they are compared: without case, punctuation and white space. */
import type { ChatMessage, NewPrompt } from '../../domain/prompts';

/** Scripts that are written without spaces: each of their characters is a word. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}]+/gu;

/** What is compared of a prompt: what is said in it, and the completion that it brings. */
export function saidIn({ messages, completion }: Pick<NewPrompt, 'messages' | 'completion'>): string {
  return [...messages.map(textOf), completion ?? ''].join('\n');
}

/** A text of nothing but punctuation is a word by itself. */
export function wordsIn(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase();
  return plain.match(WORD) ?? [plain.trim()];
}

function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return content?.map((part) => (typeof part.text === 'string' ? part.text : JSON.stringify(part))).join('\n') ?? '';
}
