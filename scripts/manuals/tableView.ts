/** A capability table as a terminal shows it: cell by cell, or what it says of one model. */
import type { FoundTable } from '../../db/manuals/find';
import {
  abilitiesOf,
  type Cell,
  type CellTarget,
  cellFor,
  entriesForCells,
  hasExpired,
  type ModelTraits,
} from '../../domain/capability';
import { count, table } from '../output';

/** @param at the day on which cells may have expired. */
export function tableRecord(found: FoundTable, at: Date) {
  return {
    ...headOf(found),
    cells: found.table.cells.map((cell) => ({ ...cell, expired: hasExpired(cell, at) })),
  };
}

export function describeTable(found: FoundTable, at: Date): string {
  const { cells } = found.table;
  const expired = cells.filter((cell) => hasExpired(cell, at)).length;
  return [
    `${nameOf(found)}, hash ${found.hash}`,
    `imported ${found.importedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC by ${found.importedBy}`,
    `${count(cells.length, 'cell')}${expired > 0 ? `, ${expired} of them expired: they count as unknown` : ''}`,
    '',
    table(
      ['entry', 'models', 'state', ...REST],
      cells.map((cell) => [cell.entry, targetText(cell.target), cell.state, ...restOf(cell, at)]),
    ),
  ].join('\n');
}

/** What holds of one model for each entry, and the cell that says so. */
export interface ModelAbility {
  entry: string;
  state: string;
  /** Its place in the table's cells, from 0; null: no cell fits. */
  cell: number | null;
  expired: boolean;
}

/** @param entries of the manual; those that only the table has come after them. */
export function abilitiesFor(
  found: FoundTable,
  model: ModelTraits,
  entries: readonly { id: string }[],
  at: Date,
): ModelAbility[] {
  const { cells } = found.table;
  const abilityOf = abilitiesOf(model, found.table, at);
  return [...new Set([...entriesForCells(entries), ...cells.map(({ entry }) => entry)])].map((entry) => {
    const cell = cellFor(model, entry, cells);
    return {
      entry,
      state: abilityOf(entry),
      cell: cell ? cells.indexOf(cell) : null,
      expired: cell !== undefined && hasExpired(cell, at),
    };
  });
}

export function modelRecord(found: FoundTable, model: ModelTraits, abilities: readonly ModelAbility[]) {
  const { cells } = found.table;
  const from = (cell: number | null) => (cell === null ? null : (cells[cell] ?? null));
  return { ...headOf(found), model, abilities: abilities.map((one) => ({ ...one, from: from(one.cell) })) };
}

export function describeModel(
  found: FoundTable,
  model: ModelTraits,
  abilities: readonly ModelAbility[],
  at: Date,
): string {
  const rows = abilities.map(({ entry, state, cell }) => {
    const from = cell === null ? undefined : found.table.cells[cell];
    const shown = from
      ? [`cell ${Number(cell) + 1}: ${targetText(from.target)}`, ...restOf(from, at)]
      : ['no cell fits'];
    return [entry, state, ...shown];
  });
  return [`${nameOf(found)} on ${traitsText(model)}`, '', table(['entry', 'state', 'from', ...REST], rows)].join('\n');
}

const REST = ['evidence', 'by', 'on', 'expires'];

function restOf(cell: Cell, at: Date): string[] {
  const { evidence, by, on, expires } = cell;
  const kinds = [...new Set(evidence.map(({ kind }) => kind))].join(', ');
  return [kinds, by, on, `${expires ?? 'never'}${hasExpired(cell, at) ? ' EXPIRED' : ''}`];
}

export function targetText(target: CellTarget): string {
  if ('model' in target) return target.model;
  const { families, parameters, regimes } = target.pattern;
  const parts = [
    ...(families ? [`family ${families.join(' or ')}`] : []),
    ...(parameters ? [rangeText(parameters)] : []),
    ...(regimes ? [`regime ${regimes.join(' or ')}`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'all';
}

function rangeText({ from, to }: { from: number | null; to: number | null }): string {
  const low = from === null ? '' : `from ${sizeText(from)} `;
  const high = to === null ? '' : `below ${sizeText(to)} `;
  return `${low}${high}parameters`;
}

/** 7e9 rather than 7000000000. */
function sizeText(n: number): string {
  return n >= 1e6 ? n.toExponential().replace('e+', 'e') : String(n);
}

function traitsText({ id, family, parameters, regime }: ModelTraits): string {
  const traits = [
    `family ${family ?? 'unknown'}`,
    `parameters ${parameters === null ? 'unknown' : sizeText(parameters)}`,
    `regime ${regime ?? 'unknown'}`,
  ];
  return `${id === '' ? 'a model' : id} (${traits.join(', ')})`;
}

function nameOf({ table: { manual }, revision }: FoundTable): string {
  return `${manual}@${revision}`;
}

function headOf(found: FoundTable) {
  const { hash, revision, importedAt, importedBy, table: content } = found;
  return {
    table: nameOf(found),
    manual: content.manual,
    revision,
    hash,
    importedAt: importedAt.toISOString(),
    importedBy,
  };
}
