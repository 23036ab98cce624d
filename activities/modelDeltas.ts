/** A message that comes in pieces, put together as it would have come whole. */
import type { Json } from '../domain/text';

type Fields = { [field: string]: Json };

/** Said anew rather than in pieces, where an endpoint says them more than once. */
const WHOLE = new Set(['role', 'id', 'type', 'name', 'index']);

/** Adds a piece to what was said before. */
export function joinDelta(said: Fields, delta: Fields): void {
  for (const [field, piece] of Object.entries(delta)) said[field] = joined(said[field] ?? null, piece, field);
}

function joined(before: Json, piece: Json, field: string): Json {
  if (piece === null) return before;
  if (Array.isArray(piece)) return joinedList(Array.isArray(before) ? before : [], piece);
  if (typeof piece === 'string') return typeof before === 'string' && !WHOLE.has(field) ? before + piece : piece;
  if (!isFields(piece) || !isFields(before)) return piece;
  joinDelta(before, piece);
  return before;
}

/** Entries are known by their index; where an endpoint leaves it out, by their id. */
function joinedList(before: Json[], pieces: readonly Json[]): Json[] {
  const list = [...before];
  for (const piece of pieces) {
    const same = isFields(piece) ? list.filter(isFields).find((entry) => isSame(entry, piece)) : undefined;
    if (same && isFields(piece)) joinDelta(same, piece);
    else list.push(piece);
  }
  return list;
}

function isSame(entry: Fields, piece: Fields): boolean {
  if (typeof piece.index === 'number') return entry.index === piece.index;
  return typeof piece.id === 'string' && entry.id === piece.id;
}

function isFields(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The message, its tool calls in their order. */
export function messageOfDeltas({ tool_calls, ...said }: Fields): Fields {
  const calls = Array.isArray(tool_calls) ? tool_calls.filter(isFields) : [];
  const ordered = calls
    .sort((a, b) => Number(a.index ?? 0) - Number(b.index ?? 0))
    .map(({ index: _index, ...call }) => call);
  return { content: null, ...said, ...(ordered.length > 0 && { tool_calls: ordered }), role: 'assistant' };
}
