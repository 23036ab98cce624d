/** An item as a labeller reads it: every line of it behind a mark, so that no text can pass for the program's own. */
import { harmless, harmlessLine } from '../harmless';
import type { Screen } from './screen';
import type { Leased } from './shapes';
import { wrap } from './wrap';

const MARK = { system: '┊ ', message: '│ ', completion: '┃ ' } as const;

export function showItem(screen: Screen, { messages, completion, completionMessage, judgeTurn }: Leased['item']): void {
  for (const [i, message] of messages.entries()) {
    if (i === judgeTurn) showJudged(screen, 'THE ANSWER TO JUDGE', bodyOf(fieldsOf(message)));
    else showMessage(screen, message);
  }
  const last = completionMessage ?? { content: completion };
  if (judgeTurn === undefined) showJudged(screen, 'THE COMPLETION', bodyOf(last));
  else showMessage(screen, { ...last, role: 'the last answer, not to be judged' });
}

function showJudged(screen: Screen, title: string, text: string): void {
  screen.line();
  screen.line(screen.paint(['bold', 'cyan'], title));
  showText(screen, MARK.completion, text);
}

function showMessage(screen: Screen, message: unknown): void {
  const fields = fieldsOf(message);
  const role = typeof fields.role === 'string' ? harmlessLine(fields.role) : 'message';
  const name = typeof fields.name === 'string' ? ` (${harmlessLine(fields.name)})` : '';
  const system = role === 'system' || role === 'developer';
  screen.line();
  screen.line(screen.paint(system ? ['bold', 'dim'] : 'bold', role.toUpperCase() + name));
  showText(screen, system ? MARK.system : MARK.message, bodyOf(fields));
}

export function showText(screen: Screen, mark: string, text: string): void {
  const painted = screen.paint('dim', mark);
  if (text === '') screen.line(painted + screen.paint('dim', '(empty)'));
  else for (const line of wrap(harmless(text), screen.width - mark.length)) screen.line(painted + line);
}

/** The text of a message, then whatever else it says. */
function bodyOf({ content, refusal, tool_calls: calls, role: _, name: __, ...rest }: Record<string, unknown>): string {
  const parts = [
    textOf(content),
    ...(refusal === undefined || refusal === null ? [] : [`refusal: ${textOf(refusal)}`]),
    ...(Array.isArray(calls) ? calls.map((call) => `tool call ${pretty(readable(call))}`) : []),
    ...(Object.keys(rest).length > 0 ? [pretty(rest)] : []),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (content === null || content === undefined) return '';
  if (!Array.isArray(content)) return pretty(content);
  return content
    .map((part) => {
      const { type, text } = fieldsOf(part);
      return type === 'text' && typeof text === 'string' ? text : pretty(part);
    })
    .join('\n');
}

/** Arguments come as JSON in a text: shown as what they say. */
function readable(call: unknown): unknown {
  const fields = fieldsOf(call);
  const named = fieldsOf(fields.function);
  if (typeof named.arguments !== 'string') return call;
  try {
    return { ...fields, function: { ...named, arguments: JSON.parse(named.arguments) } };
  } catch {
    return call;
  }
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  return value === undefined ? {} : { content: value };
}
