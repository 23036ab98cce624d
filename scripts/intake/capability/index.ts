/** A capability table's file, read and checked against the manual whose entries it speaks of. */
import {
  type CapabilityTable,
  type Cell,
  type CellTarget,
  entriesForCells,
  overlapsOf,
} from '../../../domain/capability';
import type { Manual } from '../../../domain/manual';
import { type Problem, ProblemsError, refuseIfAny } from '../../../domain/problems';
import { canonicalJson, wellFormed } from '../../../domain/text';
import { readSmallFile, shownPath } from '../files';
import { inFileOrder, readShape, readSource, type Source } from '../source';
import { cellFaults, entryFaults, type Fault } from './faults';
import { type CellEntry, cellShape, type FileHead, fileShape } from './shapes';

export interface ReadTable {
  table: CapabilityTable;
  /** What may not be meant though nothing forbids it: a sentence each. */
  notices: string[];
}

const LARGEST = 5 * 1024 * 1024;
const LISTED_PROBLEMS = 100;
const LISTED_NOTICES = 20;

/** @throws ProblemsError with everything that is wrong with the file, by itself and against this revision of the manual. */
export function readCapability(file: string, manual: Manual): ReadTable {
  return capabilityFromText(readSmallFile(file, LARGEST), file, manual);
}

/** The same for a text; `file` names it in problems. */
export function capabilityFromText(text: string, file: string, manual: Manual): ReadTable {
  const { source, name, cells, problems } = partsOf(text, file);
  if (name !== undefined && name !== manual.name) {
    problems.push(
      source.problem(
        ['manual'],
        `is ${name}, but this is checked against the manual ${manual.name}; write the manual’s own name, also after renaming it`,
      ),
    );
  }
  const known = entriesForCells(manual.entries);
  forEachCell(source, (cell, path) => entryFaults(cell, path, manual, known), problems);
  refuse(problems);
  const table = { manual: manual.name, cells };
  return { table, notices: noticesOf(table, source) };
}

/**
 * Which manual a file is for. All is checked that can be without that manual.
 * @returns its name, and where the file says it.
 * @throws ProblemsError with everything that is wrong with the file by itself.
 */
export function manualOfCapability(file: string): { name: string; at: string } {
  const { source, name, problems } = partsOf(readSmallFile(file, LARGEST), file);
  refuse(problems);
  if (name === undefined) throw new Error('a table has passed the checks without a manual');
  return { name, at: source.at(['manual']) };
}

function refuse(problems: readonly Problem[]): void {
  refuseIfAny(inFileOrder(problems).slice(0, LISTED_PROBLEMS), problems.length);
}

interface Parts {
  source: Source;
  name: string | undefined;
  /** All of the file's only where there are no problems. */
  cells: Cell[];
  problems: Problem[];
}

/** @throws ProblemsError for what is no YAML at all. */
function partsOf(text: string, file: string): Parts {
  const read = readSource('capability', file, text);
  if ('problems' in read) throw new ProblemsError(read.problems);
  const { source } = read;
  if (source.value === null) {
    const hint = 'a table needs manual and cells';
    throw ProblemsError.of({ kind: 'capability', message: 'the file is empty', hint, at: shownPath(file) });
  }
  const problems: Problem[] = [];
  const head = readShape(fileShape, source, problems);
  forEachCell(source, (cell, path) => cellFaults(cell, path, source.value), problems);
  const cells = rawCells(source).map((_, i) => {
    const entry = readShape(cellShape, source, problems, ['cells', i]);
    return entry && cellOf(entry, head);
  });
  problems.push(...repeats(cells, source));
  const given = source.get(['manual']);
  return {
    source,
    name: head?.manual ?? (typeof given === 'string' ? wellFormed(given) : undefined),
    cells: cells.filter((cell) => cell !== undefined),
    problems,
  };
}

function rawCells(source: Source): unknown[] {
  const cells = source.get(['cells']);
  return Array.isArray(cells) ? cells : [];
}

function forEachCell(
  source: Source,
  check: (cell: unknown, path: (string | number)[]) => Fault[],
  problems: Problem[],
): void {
  rawCells(source).forEach((cell, i) => {
    problems.push(...check(cell, ['cells', i]).map(({ path, sentence }) => source.problem(path, sentence)));
  });
}

/** undefined where what it lacks is told as a fault. */
function cellOf(entry: CellEntry, head: FileHead | undefined): Cell | undefined {
  const target = targetOf(entry);
  const by = entry.by ?? head?.by;
  const on = entry.on ?? head?.on;
  const expires = entry.expires === undefined ? head?.expires : entry.expires;
  if (!target || by === undefined || on === undefined || expires === undefined) return undefined;
  return { entry: entry.entry, target, state: entry.state, evidence: entry.evidence, by, on, expires };
}

function targetOf({ model, models }: CellEntry): CellTarget | undefined {
  if (model !== undefined) return { model };
  if (models === undefined) return undefined;
  const { family = null, parameters, regime = null } = models;
  const range = parameters ? { from: parameters.from ?? null, to: parameters.to ?? null } : null;
  return { pattern: { families: family, parameters: range, regimes: regime } };
}

/** The same models and entry twice: the later would always hold, whatever the earlier says. */
function repeats(cells: readonly (Cell | undefined)[], source: Source): Problem[] {
  const first = new Map<string, number>();
  return cells.flatMap((cell, i) => {
    if (!cell) return [];
    const key = canonicalJson([cell.entry, sorted(cell.target)]);
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, i);
      return [];
    }
    const place = `${source.file}:${source.line(['cells', before])}`;
    return [
      source.problem(['cells', i], `speaks of the same entry and the same models as ${place}; leave one of them`),
    ];
  });
}

function sorted(target: CellTarget): CellTarget {
  if ('model' in target) return target;
  const { families, regimes, parameters } = target.pattern;
  return { pattern: { families: families?.toSorted() ?? null, regimes: regimes?.toSorted() ?? null, parameters } };
}

function noticesOf(table: CapabilityTable, source: Source): string[] {
  if (table.cells.length === 0) return [`${source.file} has no cells: nothing is known of any model`];
  const overlaps = overlapsOf(table).map(({ entry, earlier, later }) => {
    const [first, second] = [source.line(['cells', earlier]), source.line(['cells', later])];
    const both = `${source.file}:${first} and ${source.file}:${second}`;
    return `${both} both fit some models for ${entry}, equally closely: the later one (line ${second}) holds`;
  });
  const unlisted = overlaps.length - LISTED_NOTICES;
  if (unlisted <= 0) return overlaps;
  return [...overlaps.slice(0, LISTED_NOTICES), `and ${unlisted} more pairs of cells like these`];
}
