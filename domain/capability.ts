/**
 * The capability table: what each model is known to be capable of, by patterns over models with single models overriding.
 * Labellers never see it: the right list would tell them whose completion they read.
 */
import { type Ability, type AbilityOf, TELLS_WHAT_IS_WANTED } from './derivation';
import type { TableHash } from './ids';
import { hashJson } from './text';

export const EVIDENCE_KINDS = [
  'opinion',
  'benchmark',
  'prompting-gain',
  'sampling-gain',
  'fine-tune',
  'other-context',
  'needed-by-task',
  'probe',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export interface Evidence {
  kind: EvidenceKind;
  /** Where it can be looked up: a paper, a run, a person's words. */
  source: string;
}

/** Models by what is known of them: those that have every given property. */
export interface ModelPattern {
  families: string[] | null;
  /** Parameters: from (inclusive) to (exclusive); null: no limit at this end. */
  parameters: { from: number | null; to: number | null } | null;
  /** How it was trained, such as base or rlhf. */
  regimes: string[] | null;
}
export type CellTarget = { model: string } | { pattern: ModelPattern };

export interface Cell {
  /** A capability entry of the manual, or `tells-what-is-wanted`. */
  entry: string;
  target: CellTarget;
  state: Ability;
  /** At least one, unless the state is unknown. */
  evidence: Evidence[];
  /** Who says so. */
  by: string;
  /** Day of the finding, as 2026-11-21. */
  on: string;
  /** The last day on which it holds (UTC); null: never expires. */
  expires: string | null;
}
export interface CapabilityTable {
  /** The manual's name. */
  manual: string;
  /** In the file's order: of two cells that fit equally well the later one holds. */
  cells: Cell[];
}

/** What a pattern looks at. Unknown is null and fits no pattern that asks for it. */
export interface ModelTraits {
  id: string;
  family: string | null;
  parameters: number | null;
  regime: string | null;
}

export function hashTable(table: CapabilityTable): TableHash {
  return hashJson(table) as TableHash;
}

/**
 * What the table says of one model.
 * @param at the moment by which cells may have expired: the round's start.
 */
export function abilitiesOf(model: ModelTraits, { cells }: CapabilityTable, at: Date): AbilityOf {
  const known = new Map<string, Ability>();
  return (entry) => {
    let ability = known.get(entry);
    if (ability === undefined) {
      const cell = cellFor(model, entry, cells);
      ability = cell === undefined || hasExpired(cell, at) ? 'unknown' : cell.state;
      known.set(entry, ability);
    }
    return ability;
  };
}

/** A cell holds to the end of its last day (UTC). */
export function hasExpired({ expires }: Pick<Cell, 'expires'>, at: Date): boolean {
  return expires !== null && expires < at.toISOString().slice(0, 10);
}

/** Nothing is known: a round without a table. */
export const NOTHING_KNOWN: AbilityOf = () => 'unknown';

/** What counts where models are compared by what all of them are capable of; anything else is unknown for all alike. */
export function heldByAll(abilities: readonly AbilityOf[]): AbilityOf {
  return (entry) => (abilities.every((abilityOf) => abilityOf(entry) === 'capable') ? 'capable' : 'unknown');
}

/**
 * The cell that holds for a model: a single model's before any pattern's, then the pattern that names most properties, then
 * the later one. One that has expired still stands before the others: it is not known what replaces it.
 */
export function cellFor(model: ModelTraits, entry: string, cells: readonly Cell[]): Cell | undefined {
  let best: Cell | undefined;
  for (const cell of cells) {
    if (cell.entry !== entry || !fits(model, cell.target)) continue;
    if (best === undefined || rankOf(cell.target) >= rankOf(best.target)) best = cell;
  }
  return best;
}

const SINGLE_MODEL = 4;

/** How closely a target describes a model. */
export function rankOf(target: CellTarget): number {
  if ('model' in target) return SINGLE_MODEL;
  const { families, parameters, regimes } = target.pattern;
  return [families, parameters, regimes].filter((given) => given !== null).length;
}

function fits(model: ModelTraits, target: CellTarget): boolean {
  if ('model' in target) return target.model === model.id;
  const { families, parameters, regimes } = target.pattern;
  return (
    (families === null || (model.family !== null && families.includes(model.family))) &&
    (regimes === null || (model.regime !== null && regimes.includes(model.regime))) &&
    (parameters === null ||
      (model.parameters !== null &&
        model.parameters >= (parameters.from ?? 0) &&
        model.parameters < (parameters.to ?? Number.POSITIVE_INFINITY)))
  );
}

/**
 * Two cells of equal rank that some model could fit and that say different things: another state, or the same one until
 * another day. Which holds: the later, also once it has expired.
 */
export interface Overlap {
  entry: string;
  /** Places in `cells`. */
  earlier: number;
  later: number;
}

export function overlapsOf({ cells }: CapabilityTable): Overlap[] {
  return cells.flatMap((cell, later) =>
    cells.slice(0, later).flatMap((other, earlier) => {
      const clash = other.entry === cell.entry && differ(other, cell);
      return clash && rankOf(other.target) === rankOf(cell.target) && mayMeet(other.target, cell.target)
        ? [{ entry: cell.entry, earlier, later }]
        : [];
    }),
  );
}

/** Until which day nothing is known makes no difference. */
function differ(a: Cell, b: Cell): boolean {
  return a.state !== b.state || (a.state !== 'unknown' && a.expires !== b.expires);
}

function mayMeet(a: CellTarget, b: CellTarget): boolean {
  if ('model' in a || 'model' in b) return 'model' in a && 'model' in b && a.model === b.model;
  return (
    shareOne(a.pattern.families, b.pattern.families) &&
    shareOne(a.pattern.regimes, b.pattern.regimes) &&
    rangesMeet(a.pattern.parameters, b.pattern.parameters)
  );
}

function shareOne(a: readonly string[] | null, b: readonly string[] | null): boolean {
  return a === null || b === null || a.some((one) => b.includes(one));
}

function rangesMeet(a: ModelPattern['parameters'], b: ModelPattern['parameters']): boolean {
  if (a === null || b === null) return true;
  const from = Math.max(a.from ?? 0, b.from ?? 0);
  return from < Math.min(a.to ?? Number.POSITIVE_INFINITY, b.to ?? Number.POSITIVE_INFINITY);
}

/** Every entry that a cell may name: the manual's own, and whether the model can tell what is wanted. */
export function entriesForCells(entries: readonly { id: string }[]): string[] {
  return [...entries.map(({ id }) => id), TELLS_WHAT_IS_WANTED];
}
