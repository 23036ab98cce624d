/** Whether two prompts are the same to whoever has read one of them: the same words, however they are set. */
import { canonicalJson, hashText, type Json } from './text';

/** Whose words make a prompt. What a system or a developer says around it, and what a model said in it, may be another. */
const SPEAKERS = ['user', 'tool'];

/**
 * A hash that prompts share in which the user says the same, whatever the white space, the capitals and how characters are
 * composed.
 * @param messages of a prompt, as they are stored.
 */
export function likenessOf(messages: readonly unknown[]): string {
  const said = messages.flatMap((message) => {
    const { role, content = null }: { role?: unknown; content?: unknown } =
      typeof message === 'object' && message !== null ? message : {};
    if (typeof role !== 'string' || !SPEAKERS.includes(role)) return [];
    return [[role, plain(content)]];
  });
  return hashText(JSON.stringify(['likeness', said]));
}

function plain(content: unknown): string {
  const parts = Array.isArray(content) ? content : [content];
  return parts
    .map((part) => (typeof part === 'string' ? part : (textOf(part) ?? canonicalJson(part))))
    .join('\n')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function textOf(part: { type?: Json; text?: Json } | null): string | undefined {
  return part?.type === 'text' && typeof part.text === 'string' ? part.text : undefined;
}
