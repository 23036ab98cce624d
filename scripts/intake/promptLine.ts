/** One line of a prompt file: a JSON object with a prompt, or why it is none. */
import { type ChatMessage, type ContentPart, MESSAGE_ROLES, type NewPrompt } from '../../domain/prompts';
import { isRequirement, REQUIREMENT_SHAPE } from '../../domain/requirements';
import { type Json, wellFormedJson } from '../../domain/text';
import { nearest } from './suggestions';

export type LinePrompt = Omit<NewPrompt, 'position'>;

/** Why a line is no prompt: the field, what is wrong with it, what to do. */
export class LineFault extends Error {
  constructor(
    readonly field: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

const TEXT_FIELDS = ['prompt', 'input', 'question', 'text'] as const;
const PROMPT_FIELDS = [...TEXT_FIELDS, 'messages'] as const;
const MESSAGE_FIELDS = ['role', 'content', 'name', 'tool_calls', 'tool_call_id'];
const LANGUAGE = /^[A-Za-z]{2,20}(?:-[A-Za-z0-9]{1,8})*$/;
const LONGEST_ID = 500;
const DEEPEST = 100;
const TOO_DEEP = 'is nested too deeply';

type JsonObject = { [field: string]: Json };

/**
 * Fields that are not known (a category, a source) are left out; so are those of a message.
 * @throws LineFault for the first thing that is wrong with the line.
 */
export function promptOfLine(text: string, lineNumber: number): LinePrompt {
  const line = parsed(text);
  const field = promptField(line);
  return {
    externalId: idOf(line.id) ?? String(lineNumber),
    messages:
      field === 'messages' ? messagesOf(line.messages) : [{ role: 'user', content: textOf(line[field], field) }],
    requirements: requirementsOf(line),
  };
}

function parsed(text: string): JsonObject {
  let value: Json;
  try {
    value = wellFormedJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof RangeError) throw new LineFault('', TOO_DEEP);
    const hint = 'each line holds one JSON object, such as {"id": "1", "prompt": "…"}';
    throw new LineFault('', 'is not JSON', hint);
  }
  if (isDeeper(value, DEEPEST)) throw new LineFault('', TOO_DEEP);
  if (isObject(value)) return value;
  throw new LineFault('', `is ${nameOf(value)}, not an object`, 'write {"prompt": "…"}');
}

function promptField(line: JsonObject): (typeof PROMPT_FIELDS)[number] {
  const [first, second] = PROMPT_FIELDS.filter((field) => (line[field] ?? null) !== null);
  if (first && second) {
    throw new LineFault(second, `has both ${first} and ${second}`, 'leave one of them: which is the prompt?');
  }
  if (first) return first;
  const meant = Object.keys(line).find((key) => mayHoldPrompt(line[key]) && nearest(key, PROMPT_FIELDS));
  const known = `a prompt stands under ${PROMPT_FIELDS.join(', ')}`;
  const hint = meant ? `did you mean ${nearest(meant, PROMPT_FIELDS)} where it says ${meant.slice(0, 50)}?` : known;
  throw new LineFault('', 'has no prompt', hint);
}

function mayHoldPrompt(value: Json | undefined): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

function idOf(id: Json | undefined): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  if (typeof id === 'string' && id.trim() !== '' && id.length <= LONGEST_ID) return id;
  throw new LineFault('id', `must be a text of 1 to ${LONGEST_ID} characters or a whole number`);
}

function textOf(value: Json | undefined, field: string): string {
  if (typeof value !== 'string') throw new LineFault(field, `is ${nameOf(value)}, not a text`);
  if (value.trim() === '') throw new LineFault(field, 'is empty');
  return value;
}

function requirementsOf(line: JsonObject): string[] {
  const { requirements = [], lang = null } = line;
  if (!Array.isArray(requirements)) throw new LineFault('requirements', 'must be a list such as ["lang:de"]');
  const found = requirements.map((requirement, i) => {
    if (typeof requirement === 'string' && isRequirement(requirement)) return requirement;
    throw new LineFault(`requirements[${i}]`, `must be ${REQUIREMENT_SHAPE}`);
  });
  if (typeof lang === 'string' && LANGUAGE.test(lang)) found.push(`lang:${lang}`);
  else if (lang !== null) throw new LineFault('lang', 'must be a language, such as de or pt-BR');
  return [...new Set(found)].sort();
}

function messagesOf(value: Json | undefined): ChatMessage[] {
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

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function isTextOrAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function nameOf(value: Json | undefined): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
