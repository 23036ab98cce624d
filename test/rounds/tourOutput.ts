/** Holds what the document says a command prints against what it printed. */
import type { Line } from './tourPage';
import { idsIn, shapeOf } from './tourShapes';

/** In the document: some lines are left out here. */
const LEFT_OUT = '…';

export interface Printed {
  /** The command as the document has it. */
  by: string;
  lines: string[];
}

/** Documented lines each with the printed one. */
export type Pairs = [documented: Line, printed: string][];

/** @throws Error that names the place where a documented line was not printed, or a printed one is not documented. */
export function compare(documented: readonly Line[], printed: Printed): Pairs {
  const runs = runsOf(documented);
  const pairs: Pairs = [];
  let at = 0;
  runs.forEach((run, i) => {
    const isFirst = i === 0;
    const isLast = i === runs.length - 1;
    const last = printed.lines.length - run.length;
    const starts = isFirst ? [0] : [...(isLast ? [last] : []), ...range(at, last)];
    const start = starts.find((from) => from >= at && mismatch(run, printed.lines.slice(from)) === null);
    if (start === undefined) throw notPrinted(run, printed, isFirst ? 0 : nearest(run, printed.lines, at));
    run.forEach((line, n) => void pairs.push([line, printed.lines[start + n] ?? '']));
    at = start + run.length;
  });
  const [more] = printed.lines.slice(at);
  const end = documented.at(-1);
  if (more !== undefined && end && end.text !== LEFT_OUT) {
    throw new Error(`${end.at}: below it this is printed, and not documented:\n  ${more}\n${inFull(printed)}`);
  }
  return pairs;
}

/** The lines between those that are left out; the first run is empty where the block begins with such a line. */
function runsOf(documented: readonly Line[]): Line[][] {
  const runs: Line[][] = [[]];
  for (const line of documented) {
    if (line.text === LEFT_OUT) runs.push([]);
    else runs.at(-1)?.push(line);
  }
  return runs;
}

/** Which line of the run is not the printed one; null: all are. */
function mismatch(run: readonly Line[], printed: readonly string[]): number | null {
  const found = run.findIndex(({ text }, i) => shapeOf(text) !== shapeOf(printed[i] ?? '') || printed[i] === undefined);
  return found === -1 ? null : found;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/** Where most of the run's first lines stand. */
function nearest(run: readonly Line[], printed: readonly string[], from: number): number {
  const alike = (start: number) => mismatch(run, printed.slice(start)) ?? run.length;
  return range(from, printed.length - 1).reduce((best, start) => (alike(start) > alike(best) ? start : best), from);
}

function notPrinted(run: readonly Line[], printed: Printed, start: number): Error {
  const which = mismatch(run, printed.lines.slice(start)) ?? 0;
  const line = run[which] ?? { text: '', at: '?' };
  const found = printed.lines[start + which] ?? '(nothing)';
  return new Error(
    [
      `${line.at}: this line was not printed`,
      `  documented: ${line.text}`,
      `  printed:    ${found}`,
      `  compared as: ${shapeOf(line.text)}`,
      `  with:        ${shapeOf(found)}`,
      inFull(printed),
    ].join('\n'),
  );
}

export function inFull({ by, lines }: Printed): string {
  return [`all of ${by}:`, ...lines.map((line) => `  | ${line}`)].join('\n');
}

/** Ids of the document and those that stand for them in this run. */
export class Ids {
  private readonly known = new Map<string, string>();

  set(documented: string, real: string): void {
    this.known.set(documented, real);
  }

  /** @throws Error where the document names another thing than before. */
  learn(pairs: Pairs): void {
    for (const [{ text, at }, printed] of pairs) {
      const real = idsIn(printed);
      idsIn(text).forEach((id, i) => {
        const before = this.known.get(id);
        const now = real[i] ?? '';
        if (before !== undefined && before !== now) throw new Error(`${at}: ${id} is ${now} here, and ${before} above`);
        this.known.set(id, now);
      });
    }
  }

  /** A word of a command as it is to be typed in this run: ids, or how they begin, exchanged. */
  real(word: string): string {
    if (!/^(?:r-|[0-9a-f]{8})/.test(word)) return word;
    const found = [...this.known].find(([documented]) => documented.startsWith(word));
    return found?.[1].slice(0, word.length) ?? word;
  }
}
