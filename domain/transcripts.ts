/** What a base model is sent: a text to go on with, instead of messages. */

interface Said {
  role: string;
  content?: unknown;
}

/**
 * A single message of the user's is its own text: a template decides what stands around it. More than that is a plain
 * transcript: the system's words, then `User: …` and `Assistant: …`, a blank line between them, open at its end.
 * @param messages as for a chat, the model's system prompt among them where it has one.
 * @returns undefined where a message is not text alone, or a tool's: no text says the same.
 */
export function transcriptOf(messages: readonly Said[]): string | undefined {
  const [first, ...others] = messages;
  if (first?.role === 'user' && others.length === 0) return textOf(first.content);
  const blocks = messages.map(blockOf);
  if (blocks.includes(undefined)) return undefined;
  const open = messages.at(-1)?.role === 'assistant' ? [] : ['Assistant:'];
  return [...blocks, ...open].join('\n\n');
}

function blockOf({ role, content, ...beside }: Said): string | undefined {
  const text = 'tool_calls' in beside ? undefined : textOf(content);
  if (text === undefined) return undefined;
  if (role === 'system' || role === 'developer') return text;
  if (role === 'user') return `User: ${text}`;
  // A continuation mostly begins with white space of its own.
  return role === 'assistant' ? `Assistant: ${text.trim()}` : undefined;
}

function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part: { type?: unknown; text?: unknown } | null) =>
    part?.type === 'text' && typeof part.text === 'string' ? part.text : undefined,
  );
  return parts.includes(undefined) ? undefined : parts.join('\n');
}
