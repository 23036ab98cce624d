/** YAML (and so JSON) into plain values, with the place in the file of every value. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Problem } from '../../domain/problems';

export type FieldPath = readonly (string | number)[];
export interface Position {
  line: number;
  column: number;
}
export interface ParsedYaml {
  value: unknown;
  /** Where the value at a path stands, or its key; a path that is not there gives its nearest parent's place. */
  positionOf(path: FieldPath, part: 'key' | 'value'): Position;
}

/** Beyond this many uses of anchors a file is taken for one made to exhaust memory. */
const MAX_ALIASES = 100;
const MAX_PROBLEMS = 20;
const REWORDED: Record<string, string> = {
  TAB_AS_INDENT: 'a tab stands where only spaces may indent',
  DUPLICATE_KEY: 'this key stands here twice',
  MULTIPLE_DOCS: 'a second document begins here; a file holds one',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAG_RESOLVE_FAILED: 'tags (words that begin with !) are not used here',
};

/** Parses a text; `place` writes a position as an error's `at`. Never throws. */
export function parseYaml(
  text: string,
  place: (position: Position) => string,
): { parsed: ParsedYaml } | { problems: [Problem, ...Problem[]] } {
  const lines = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problem = (message: string, offset: number): Problem => ({
    kind: 'yaml',
    message,
    at: place(positionAt(offset)),
  });

  let doc: Document;
  try {
    doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    return { problems: [problem(`cannot be read as YAML: ${reasonOf(error)}`, 0)] };
  }
  const [first, ...others] = onePerPosition([...doc.errors, ...doc.warnings]).map((fault) =>
    problem(REWORDED[fault.code] ?? fault.message, fault.pos[0]),
  );
  if (first) return { problems: [first, ...others] };
  try {
    const value: unknown = doc.toJS({ maxAliasCount: MAX_ALIASES });
    const positionOf = (path: FieldPath, part: 'key' | 'value') => positionAt(offsetOf(doc, path, part));
    return { parsed: { value, positionOf } };
  } catch (error) {
    return { problems: [problem(reasonOf(error), 0)] };
  }
}

function onePerPosition(faults: readonly YAMLError[]): YAMLError[] {
  return [...new Map(faults.map((fault) => [fault.pos[0], fault])).values()].slice(0, MAX_PROBLEMS);
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) return 'nested too deeply';
  if (message.startsWith('Excessive alias count')) return `uses anchors (&, *) more than ${MAX_ALIASES} times over`;
  return message;
}

function offsetOf(doc: Document, path: FieldPath, part: 'key' | 'value'): number {
  let node: unknown = doc.contents;
  let offset = startOf(node) ?? 0;
  path.forEach((segment, depth) => {
    if (isAlias(node)) node = node.resolve(doc);
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key }) => keyText(key) === String(segment));
      const [first, second] = last && part === 'value' ? [pair?.value, pair?.key] : [pair?.key, pair?.value];
      offset = startOf(first) ?? startOf(second) ?? offset;
      node = pair?.value;
    } else {
      node = isSeq(node) ? node.items[Number(segment)] : undefined;
      offset = startOf(node) ?? offset;
    }
  });
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}
