/**
 * Prompts of several turns: where the model is to speak before the last message, its turn stands open in the stored
 * messages until it is played. Nothing else that a prompt may hold looks like one.
 */
import type { ChatMessage } from './prompts';

export const OPEN_TURN: ChatMessage = { role: 'assistant', content: null };

export function isOpenTurn(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || Object.keys(message).length !== 2) return false;
  return 'role' in message && message.role === 'assistant' && 'content' in message && message.content === null;
}

/** Calls that answering a prompt takes. */
export function turnsOf(messages: readonly unknown[]): number {
  return 1 + messages.filter(isOpenTurn).length;
}

/** The messages with what was said in the open turns, in order; those not played yet stay open. */
export function fillTurns<Message>(messages: readonly Message[], said: readonly Message[]): Message[] {
  let turn = 0;
  return messages.map((message) => {
    if (turn === said.length || !isOpenTurn(message)) return message;
    const played = said[turn];
    turn += 1;
    return played ?? message;
  });
}

/** What is sent for the next turn: all of them where none is open any more. */
export function untilOpenTurn<Message>(messages: readonly Message[]): Message[] {
  const open = messages.findIndex(isOpenTurn);
  return open < 0 ? [...messages] : messages.slice(0, open);
}

/**
 * A completion as the model is sent it again: its words alone. Other fields are the provider's own, and not every one
 * takes them back.
 * @param completion canonical JSON of the assistant's message.
 */
export function wordsOf(completion: string): { role: 'assistant'; content: string } {
  const message: unknown = JSON.parse(completion);
  const { content, refusal }: { content?: unknown; refusal?: unknown } =
    typeof message === 'object' && message !== null ? message : { content: message };
  return { role: 'assistant', content: textOf(content) || textOf(refusal) };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts = content.map((part: { type?: unknown; text?: unknown } | null) =>
    part?.type === 'text' && typeof part.text === 'string' ? part.text : '',
  );
  return parts.join('');
}
