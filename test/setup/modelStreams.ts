/** How the tests' model server streams: server-sent events, as OpenAI's API sends them. */
import type { ServerResponse } from 'node:http';

/** With its last event; without one; in the middle of the connection; not at all, until the caller goes. */
export type StreamEnd = 'done' | 'silent' | 'cut' | 'open';

interface Whole {
  choices: readonly { index: number; finish_reason: string; text?: string; message?: Record<string, unknown> }[];
  usage: object;
  [field: string]: unknown;
}

/** An answer as a stream's chunks: word by word, its end, and where it is asked for its count of tokens. */
export function eventsOf({ choices, usage, ...head }: Whole, counted: boolean): unknown[] {
  const [choice] = choices;
  if (!choice) return [];
  const { text, message, finish_reason } = choice;
  const chunk = (piece: object, end: string | null = null) => ({
    ...head,
    choices: [{ index: 0, ...piece, finish_reason: end }],
  });
  const said =
    message === undefined
      ? wordsOf(text).map((word) => chunk({ text: word }))
      : [
          chunk({ delta: { ...message, content: message.content === null ? null : '' } }),
          ...wordsOf(message.content).map((content) => chunk({ delta: { content } })),
        ];
  const end = chunk(message === undefined ? { text: '' } : { delta: {} }, finish_reason);
  return [...said, end, ...(counted ? [{ ...head, choices: [], usage }] : [])];
}

function wordsOf(text: unknown): string[] {
  return typeof text === 'string' ? (text.match(/\s*\S+|\s+/g) ?? []) : [];
}

/** Ends when the response has. */
export async function sendEvents(response: ServerResponse, events: readonly unknown[], end: StreamEnd = 'done') {
  for (const event of events) response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  const closed = new Promise((resolve) => response.once('close', resolve));
  if (end === 'done') response.end('data: [DONE]\n\n');
  if (end === 'silent') response.end();
  if (end === 'cut') response.write(': breaking\n\n', () => response.socket?.destroy());
  await closed;
}
