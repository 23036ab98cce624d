/** Prompts as a simulated model sees them: roles and text. The same talk always has the same key. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Problem, refuseIfAny } from '../../domain/problems';
import { hashJson } from '../../domain/text';

export interface Message {
  role: string;
  /** Text; parts that are not text are left out of account. */
  content: string;
}

const partShape = z.looseObject({ type: z.string(), text: z.string().optional() });

/** A message as callers send it, read into what counts here. */
export const messageShape = z
  .looseObject({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
    content: z.union([z.string(), z.array(partShape)]).nullish(),
  })
  .transform(({ role, content }): Message => ({ role, content: textOf(content) }));

function textOf(content: string | readonly { text?: string | undefined }[] | null | undefined): string {
  if (typeof content === 'string') return content.toWellFormed();
  return (content ?? [])
    .flatMap(({ text }) => text ?? [])
    .join('\n')
    .toWellFormed();
}

export interface Prompt {
  id: string;
  messages: Message[];
}

const lineShape = z.union([
  z
    .looseObject({ id: z.coerce.string(), prompt: z.string() })
    .transform(({ id, prompt }): Prompt => ({ id, messages: [{ role: 'user', content: prompt }] })),
  z.looseObject({ id: z.coerce.string(), messages: z.array(messageShape).min(1) }),
]);

/** @throws ProblemsError naming the lines that are no prompts. */
export function readPrompts(file: string): Prompt[] {
  const problems: Problem[] = [];
  const lines = readFileSync(file, 'utf8').split('\n');
  const prompts = lines.flatMap((line, i) =>
    line.trim() === '' ? [] : promptOfLine(line, `${file}:${i + 1}`, problems),
  );
  refuseIfAny(problems);
  return prompts;
}

function promptOfLine(line: string, at: string, problems: Problem[]): Prompt[] {
  try {
    const { id, messages } = lineShape.parse(JSON.parse(line));
    return [{ id, messages }];
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
    problems.push({ kind: 'prompts', message: 'must be a JSON object with id and prompt, or id and messages', at });
    return [];
  }
}

export function keyOf(messages: readonly Message[]): string {
  return hashJson(messages.map(({ role, content }) => ({ role, content })));
}

/** What the user asked last. */
export function requestOf(messages: readonly Message[]): string {
  return messages.findLast(({ role }) => role === 'user')?.content ?? messages.at(-1)?.content ?? '';
}
