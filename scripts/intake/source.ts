/** A YAML text read: its value, the place of every part of it, and what is wrong with a part, as problems. */
import type { z } from 'zod';
import type { Problem } from '../../domain/problems';
import { shownPath } from './files';
import { type FieldPath, parseYaml } from './yaml';

export class Source {
  constructor(
    /** Of its problems: a word for programs. */
    readonly kind: string,
    /** As the YAML has it; null where the text is empty. */
    readonly value: unknown,
    private readonly positionOf: (path: FieldPath, part: 'key' | 'value') => { line: number; column: number },
    /** As people write it. */
    readonly file: string,
    private readonly elsewhere: (path: FieldPath) => string | undefined = () => undefined,
  ) {}

  /**
   * The same with settings laid over.
   * @param value with them.
   * @param elsewhere where such a setting was given; undefined for one of the file.
   */
  overlaid(value: unknown, elsewhere: (path: FieldPath) => string | undefined): Source {
    return new Source(this.kind, value, this.positionOf, this.file, elsewhere);
  }

  /** `file:line:column field`. */
  at(path: FieldPath, part: 'key' | 'value' = 'value'): string {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) return elsewhere;
    const { line, column } = this.positionOf(path, part);
    return `${this.file}:${line}:${column} ${writePath(path)}`.trim();
  }

  line(path: FieldPath): number {
    return this.positionOf(path, 'value').line;
  }

  /** @param sentence what is wrong; after a semicolon, what to do. */
  problem(path: FieldPath, sentence: string, part: 'key' | 'value' = 'value'): Problem {
    const [message = sentence, ...hint] = sentence.split('; ');
    return { kind: this.kind, message, ...(hint.length > 0 && { hint: hint.join('; ') }), at: this.at(path, part) };
  }

  /** What stands at a path, or undefined. */
  get(path: FieldPath): unknown {
    return path.reduce(fieldOf, this.value);
  }
}

/** @param firstLine the line of the file on which the text begins. */
export function readSource(
  kind: string,
  file: string,
  text: string,
  firstLine = 1,
): { source: Source } | { problems: [Problem, ...Problem[]] } {
  const shown = shownPath(file);
  const place = ({ line, column }: { line: number; column: number }) => `${shown}:${line + firstLine - 1}:${column}`;
  const read = parseYaml(text, place);
  if ('problems' in read) return read;
  const { value, positionOf } = read.parsed;
  const inFile = (path: FieldPath, part: 'key' | 'value') => {
    const { line, column } = positionOf(path, part);
    return { line: line + firstLine - 1, column };
  };
  return { source: new Source(kind, value, inFile, shown) };
}

/** What a source has at a path, by its shape; undefined where `problems` gained what is wrong with it. */
export function readShape<T>(
  shape: z.ZodType<T>,
  source: Source,
  problems: Problem[],
  path: FieldPath = [],
): T | undefined {
  // An empty text lacks every setting, and is told so.
  const read = shape.safeParse(source.get(path) ?? (path.length === 0 ? {} : undefined));
  if (read.success) return read.data;
  problems.push(...read.error.issues.flatMap((issue) => problemsOf(issue, source, path)));
  return undefined;
}

function problemsOf(issue: z.core.$ZodIssue, source: Source, base: FieldPath): Problem[] {
  const inner = issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment));
  const path = [...base, ...inner];
  if (issue.code === 'unrecognized_keys') {
    const sentences = issue.message.split('\n');
    return issue.keys.map((key, i) => source.problem([...path, key], sentences[i] ?? 'unknown setting', 'key'));
  }
  const short = shortFor(source, path);
  if (short) return [source.problem(short, issue.message)];
  const missing = path.length > 0 && source.get(path) === undefined;
  return [source.problem(path, missing ? `is missing; ${issue.message}` : issue.message)];
}

/** Where a single value stands for the group that the path goes into: its own place. */
function shortFor(source: Source, path: FieldPath): FieldPath | undefined {
  const above = path.slice(0, -1);
  const value = source.get(above);
  return above.length > 0 && value !== undefined && value !== null && typeof value !== 'object' ? above : undefined;
}

/** File by file in the order given, within each from top to bottom; what has no place in any of them comes last. */
export function inFileOrder(problems: readonly Problem[], files: readonly string[] = []): Problem[] {
  const placeOf = ({ at = '' }: Problem) => {
    const [, file = at, line = 0, column = 0] = /^(.*?):(\d+):(\d+)/s.exec(at) ?? [];
    const order = files.indexOf(file);
    return { order: order < 0 ? files.length : order, line: Number(line), column: Number(column) };
  };
  return problems
    .map((problem) => ({ problem, ...placeOf(problem) }))
    .sort((a, b) => a.order - b.order || a.line - b.line || a.column - b.column)
    .map(({ problem }) => problem);
}

/** `faults[0].entry` as a path. */
export function parsePath(field: string): FieldPath {
  const segments = field.match(/[^.[\]]+/g) ?? [];
  return segments.map((segment) => (/^\d{1,9}$/.test(segment) ? Number(segment) : segment));
}

/** `faults[0].entry` for a path. */
export function writePath(path: FieldPath): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

function fieldOf(value: unknown, segment: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === String(segment))?.[1];
}
