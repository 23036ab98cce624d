/** The fields of a prompt, from a line of JSON or a row of a table: which is the prompt, its id, and what else is kept. */
import type { ChatMessage, NewPrompt } from '../../domain/prompts';
import { isRequirement, REQUIREMENT_SHAPE } from '../../domain/requirements';
import { canonicalJson, type Json } from '../../domain/text';
import { OPEN_TURN } from '../../domain/turns';
import { harmlessLine } from '../harmless';
import { isObject, type JsonObject, LineFault, nameOf } from './lineFault';
import { completionOf, judgeTurnOf } from './promptGiven';
import { type FieldMap, ID_FIELDS, PROMPT_FIELDS } from './promptMapping';
import { messagesOf } from './promptMessages';
import { nearest } from './suggestions';

export type LinePrompt = Omit<NewPrompt, 'position'>;
type PromptField = (typeof PROMPT_FIELDS)[number];

const LANGUAGE = /^[A-Za-z]{2,20}(?:-[A-Za-z0-9]{1,8})*$/;
const LONGEST_ID = 500;
/** Each turn but the last is a paid call before the one that is judged. */
const MOST_TURNS = 100;
const LARGEST_METADATA = 1024 * 1024;

/**
 * A field that is null is one that is not there. What is not known (a category, a source) is kept as metadata.
 * @param lineId its id where it has none of its own.
 * @throws LineFault for the first thing that is wrong, by the file's own name of the field.
 */
export function promptOfFields(row: JsonObject, lineId: string, map: FieldMap): LinePrompt {
  try {
    const { fields, others } = map.apply(row);
    return promptOf(fields, others, lineId);
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    const [ours = ''] = /^\w*/.exec(error.field) ?? [];
    throw new LineFault(map.theirs(ours) + error.field.slice(ours.length), error.message, error.hint);
  }
}

function promptOf(fields: JsonObject, others: JsonObject, lineId: string): LinePrompt {
  const field = promptField(fields);
  const idField = ID_FIELDS.find((known) => isThere(fields[known]));
  const known: readonly string[] = [field, idField ?? '', 'requirements', 'lang', 'completion', 'judge_turn'];
  const metadata = metadataOf(fields, others, field === 'instruction' ? [...known, 'input'] : known);
  const messages = messagesIn(fields, field);
  const completion = completionOf(fields.completion, messages);
  const judgeTurn = judgeTurnOf(fields.judge_turn, messages);
  return {
    externalId: idField === undefined ? lineId : idOf(fields[idField], idField),
    messages,
    requirements: requirementsOf(fields),
    ...(metadata && { metadata }),
    ...(completion !== undefined && { completion }),
    ...(judgeTurn !== undefined && { judgeTurn }),
  };
}

/** What to do where none of these names is one of a prompt. */
export function whereAPromptStands(names: readonly string[]): string {
  const meant = names.find((name) => nearest(name, PROMPT_FIELDS));
  if (meant === undefined) return `a prompt stands under ${PROMPT_FIELDS.join(', ')}`;
  return `did you mean ${nearest(meant, PROMPT_FIELDS)} where it says ${meant.slice(0, 50)}?`;
}

/** Fields that mean something here and are not a prompt's text. */
const MEANT_FIELDS = ['requirements', 'lang', 'completion', 'judge_turn'];

/** What nobody acts on, though it looks as if somebody was to. @param kept the names of fields that are kept as they are. */
export function misspeltFields(kept: readonly string[]): string[] {
  return kept.flatMap((name) => {
    const meant = nearest(name, MEANT_FIELDS);
    if (meant === undefined || meant === name) return [];
    return [`the field ${harmlessLine(name.slice(0, 50))} is kept and means nothing here; did you mean ${meant}?`];
  });
}

function promptField(fields: JsonObject): PromptField {
  const given = PROMPT_FIELDS.filter((field) => isThere(fields[field]));
  // Beside an instruction it is what the instruction is about.
  const [first, second] = 'instruction' in fields ? given.filter((field) => field !== 'input') : given;
  if (first && second) {
    throw new LineFault(second, `has both ${first} and ${second}`, 'leave one of them: which is the prompt?');
  }
  if (first) return first;
  const empty = PROMPT_FIELDS.find((field) => field in fields && !isThere(fields[field]));
  if (empty) throw new LineFault(empty, 'is empty');
  const names = Object.keys(fields).filter((name) => mayHoldPrompt(fields[name]));
  throw new LineFault('', 'has no prompt', whereAPromptStands(names));
}

function messagesIn(fields: JsonObject, field: PromptField): ChatMessage[] {
  if (field === 'messages') return messagesOf(fields.messages);
  if (field === 'turns') return turnsOf(fields.turns);
  const text = filledText(fields[field], field);
  return [{ role: 'user', content: field === 'instruction' ? withInput(text, fields) : text }];
}

/** What an instruction is about stands under it, after a blank line. */
function withInput(instruction: string, fields: JsonObject): string {
  const [first] = Array.isArray(fields.instances) ? fields.instances : [];
  const inputs = [
    { field: 'input', value: fields.input },
    { field: 'instances[0].input', value: isObject(first) ? first.input : null },
  ].filter(({ field, value }) => isThere(value) && textOf(value, field).trim() !== '');
  const [input, another] = inputs;
  if (input && another) {
    throw new LineFault(another.field, `has both ${input.field} and ${another.field}`, 'leave one of them');
  }
  return input ? `${instruction}\n\n${textOf(input.value, input.field)}` : instruction;
}

/** What a user says, turn by turn; between two of them the model speaks. */
function turnsOf(value: Json | undefined): ChatMessage[] {
  if (!Array.isArray(value)) throw new LineFault('turns', `is ${nameOf(value)}, not a list`);
  if (value.length === 0) throw new LineFault('turns', 'is empty');
  if (value.length > MOST_TURNS) throw new LineFault('turns', `has ${value.length} turns, more than ${MOST_TURNS}`);
  return value.flatMap((turn, i): ChatMessage[] => {
    const said: ChatMessage = { role: 'user', content: filledText(turn, `turns[${i}]`) };
    return i === 0 ? [said] : [OPEN_TURN, said];
  });
}

function idOf(id: Json | undefined, field: string): string {
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  if (typeof id === 'string' && id.trim() !== '' && id.length <= LONGEST_ID) return id;
  throw new LineFault(field, `must be a text of 1 to ${LONGEST_ID} characters or a whole number`);
}

function requirementsOf(fields: JsonObject): string[] {
  const { requirements, lang = null } = fields;
  const listed = requirements ?? [];
  if (!Array.isArray(listed)) throw new LineFault('requirements', 'must be a list such as ["lang:de"]');
  const found = listed.map((requirement, i) => {
    if (typeof requirement === 'string' && isRequirement(requirement)) return requirement;
    throw new LineFault(`requirements[${i}]`, `must be ${REQUIREMENT_SHAPE}`);
  });
  if (typeof lang === 'string' && LANGUAGE.test(lang)) found.push(`lang:${lang}`);
  else if (lang !== null) throw new LineFault('lang', 'must be a language, such as de or pt-BR');
  return [...new Set(found)].sort();
}

/** Instances stay in it: they hold more than the input, such as a model answer. */
function metadataOf(fields: JsonObject, others: JsonObject, known: readonly string[]): JsonObject | undefined {
  const unknown = Object.entries(fields).filter(([name]) => !known.includes(name));
  const kept = [...unknown, ...Object.entries(others)].filter(([, value]) => isThere(value));
  if (kept.length === 0) return undefined;
  const metadata = Object.fromEntries(kept);
  const size = Buffer.byteLength(canonicalJson(metadata));
  if (size <= LARGEST_METADATA) return metadata;
  const message = `has more than ${LARGEST_METADATA / 1024 / 1024} MB beside its prompt`;
  throw new LineFault('', message, `leave out what is not needed of ${Object.keys(metadata).join(', ').slice(0, 200)}`);
}

function filledText(value: Json | undefined, field: string): string {
  const text = textOf(value, field);
  if (text.trim() === '') throw new LineFault(field, 'is empty');
  return text;
}

function textOf(value: Json | undefined, field: string): string {
  if (typeof value === 'string') return value;
  throw new LineFault(field, `is ${nameOf(value)}, not a text`);
}

function isThere(value: Json | undefined): boolean {
  return (value ?? null) !== null;
}

function mayHoldPrompt(value: Json | undefined): boolean {
  return typeof value === 'string' || Array.isArray(value);
}
