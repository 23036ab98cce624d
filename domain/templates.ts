/**
 * Templates: texts with places for what a prompt says. `{{prompt}}` is the prompt's own text, `{{field}}` what its file
 * says under that name; white space inside the braces does not count, and `\{{` stands for two braces as they are.
 */
import { canonicalJson, type Json } from './text';

/** The place of the prompt's own text, whatever else its file has under this name. */
export const PROMPT_FIELD = 'prompt';

const PLACES = /\\\{\{|\{\{([^{}]*)\}\}/g;

/** What a template asks for, in its order, each once. */
export function placesOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACES)].flatMap(([, name]) => (name === undefined ? [] : [name.trim()])))];
}

/** Whether it has braces that begin a place and do not end it. */
export function hasOpenPlace(template: string): boolean {
  return template.split(PLACES).some((piece, i) => i % 2 === 0 && piece.includes('{{'));
}

/**
 * The template with every place filled, in one go: what is filled in is never read as a template.
 * @param fields texts stand as they are, anything else as JSON.
 * @param unknown what is thrown for a place that nothing is known for.
 */
export function putTemplate(
  template: string,
  prompt: string,
  fields: Readonly<Record<string, Json>>,
  unknown: (field: string) => Error,
): string {
  return template.replaceAll(PLACES, (_place, inner?: string) => {
    if (inner === undefined) return '{{';
    const name = inner.trim();
    if (name === PROMPT_FIELD) return prompt;
    const value = Object.hasOwn(fields, name) ? (fields[name] ?? null) : null;
    if (value === null) throw unknown(name);
    return typeof value === 'string' ? value : canonicalJson(value);
  });
}
