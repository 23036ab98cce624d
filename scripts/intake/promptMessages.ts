/** The chat messages of a prompt, checked field by field. */
import { type ChatMessage, type ContentPart, MESSAGE_ROLES } from '../../domain/prompts';
import type { Json } from '../../domain/text';
import { isObject, type JsonObject, LineFault, nameOf } from './lineFault';
import { nearest } from './suggestions';

const MESSAGE_FIELDS = ['role', 'content', 'name', 'tool_calls', 'tool_call_id'];

/** Fields of a message that are not known are left out. @throws LineFault for the first thing that is wrong. */
export function messagesOf(value: Json | undefined): ChatMessage[] {
  if (!Array.isArray(value)) throw new LineFault('messages', `is ${nameOf(value)}, not a list`);
  const messages = value.map((entry, i) => messageOf(entry, `messages[${i}]`));
  const last = messages.at(-1);
  const at = `messages[${messages.length - 1}]`;
  if (!last) throw new LineFault('messages', 'is empty');
  if (last.role !== 'user' && last.role !== 'tool') {
    throw new LineFault(`${at}.role`, `is ${last.role}, but the last message must be the user's or a tool's`);
  }
  if (isBlank(last.content)) throw new LineFault(`${at}.content`, 'is empty');
  return messages;
}

function messageOf(entry: Json, at: string): ChatMessage {
  if (!isObject(entry))
    throw new LineFault(at, `is ${nameOf(entry)}, not an object`, '{"role": "user", "content": "…"}');
  refuseNearMiss(entry, at);
  const role = MESSAGE_ROLES.find((known) => known === entry.role);
  if (!role) throw new LineFault(`${at}.role`, `must be one of ${MESSAGE_ROLES.join(', ')}`);
  const { name, tool_calls, tool_call_id } = entry;
  if (!isTextOrAbsent(name)) throw new LineFault(`${at}.name`, 'must be a text');
  if (!isTextOrAbsent(tool_call_id)) throw new LineFault(`${at}.tool_call_id`, 'must be a text');
  const calls = tool_calls ?? undefined;
  if (calls !== undefined && !(Array.isArray(calls) && calls.length > 0 && calls.every(isObject))) {
    throw new LineFault(`${at}.tool_calls`, 'must be a list of calls');
  }
  return {
    role,
    content: contentOf(entry.content ?? null, `${at}.content`, calls !== undefined),
    ...(typeof name === 'string' && { name }),
    ...(calls && { tool_calls: calls }),
    ...(typeof tool_call_id === 'string' && { tool_call_id }),
  };
}

function contentOf(content: Json, at: string, callsTools: boolean): ChatMessage['content'] {
  if (typeof content === 'string') return content;
  if (content === null && callsTools) return null;
  if (!Array.isArray(content) || content.length === 0) throw new LineFault(at, 'must be a text or a list of parts');
  return content.map((part, i) => {
    if (isPart(part)) return part;
    throw new LineFault(`${at}[${i}]`, 'must be a part such as {"type": "text", "text": "…"}');
  });
}

/** A message with `tool_call` for `tool_calls` would be another message if that were passed over. */
function refuseNearMiss(entry: JsonObject, at: string): void {
  for (const key of Object.keys(entry).filter((known) => !MESSAGE_FIELDS.includes(known))) {
    const meant = key.length > 4 ? nearest(key, MESSAGE_FIELDS) : undefined;
    if (meant) throw new LineFault(`${at}.${key.slice(0, 50)}`, 'unknown field', `did you mean ${meant}?`);
  }
}

function isBlank(content: ChatMessage['content']): boolean {
  if (typeof content === 'string') return content.trim() === '';
  return content === null || content.every(({ type, text }) => type === 'text' && String(text).trim() === '');
}

function isPart(value: Json): value is ContentPart {
  if (!isObject(value) || typeof value.type !== 'string') return false;
  return value.type !== 'text' || typeof value.text === 'string';
}

function isTextOrAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null || typeof value === 'string';
}
