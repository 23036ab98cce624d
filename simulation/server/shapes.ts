/** How an answer is said: as a chat's message, or as a text that goes on with the prompt. */
import type { Cut } from './tokens';

export interface Shape {
  /** Of ids. */
  prefix: string;
  /** What a whole answer is called, and a part of one in a stream. */
  object: string;
  part: string;
  /** The whole of it, as a choice's fields. */
  whole(cut: Cut): object;
  /** What a stream says before the first word, if anything; a word; and at its end. */
  first: object | null;
  word(text: string): object;
  last: object;
}

export const CHAT: Shape = {
  prefix: 'chatcmpl-',
  object: 'chat.completion',
  part: 'chat.completion.chunk',
  whole: ({ content }) => ({ message: { role: 'assistant', content, refusal: null } }),
  first: { delta: { role: 'assistant', content: '' } },
  word: (content) => ({ delta: { content } }),
  last: { delta: {} },
};

export const TEXT: Shape = {
  prefix: 'cmpl-',
  object: 'text_completion',
  part: 'text_completion',
  whole: ({ content }) => ({ text: content }),
  first: null,
  word: (text) => ({ text }),
  last: { text: '' },
};
