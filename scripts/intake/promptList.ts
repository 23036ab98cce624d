/** Prompts as one JSON list. It is read whole, so it may not be large; JSON lines may. */
import { bytesOf, FileFault } from './promptBytes';
import type { PromptEntry } from './promptEntries';
import type { PromptFile } from './promptFile';
import { fieldsOfLine } from './promptLine';

const LARGEST_MB = 64;
const AS_LINES = 'write an object on each line instead, and call it .jsonl';

/** Entries by their number, from 1. @throws FileFault for what is no list. */
export async function* entriesOfList(file: PromptFile): AsyncGenerator<PromptEntry> {
  const text = await textOf(file);
  if (text.trim() === '') return;
  const list = listOf(text);
  for (const [i, entry] of list.entries()) {
    yield { line: i + 1, read: () => fieldsOfLine(JSON.stringify(entry)) };
  }
}

function listOf(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FileFault(
      'is not JSON',
      'a .json file is one list of objects; with an object on each line it is a .jsonl',
    );
  }
  if (Array.isArray(value)) return value;
  throw new FileFault('holds no list', 'write [{"prompt": "…"}, …], or an object on each line of a .jsonl');
}

async function textOf(file: PromptFile): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let text = '';
  for await (const part of bytesOf(file)) {
    bytes += part.length;
    if (bytes > LARGEST_MB * 1024 * 1024) throw new FileFault(`is a list larger than ${LARGEST_MB} MB`, AS_LINES);
    text += decoded(() => decoder.decode(part, { stream: true }));
  }
  return text + decoded(() => decoder.decode());
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new FileFault('is not UTF-8 text', 'save the file as UTF-8');
  }
}
