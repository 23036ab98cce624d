/** What does not fit together in a cell, checked on what was written even where its other settings are wrong. */
import type { Manual } from '../../../domain/manual';
import { isGroup } from '../kinds';
import { didYouMean } from '../suggestions';
import type { FieldPath } from '../yaml';
import { isDay } from './shapes';

export interface Fault {
  path: FieldPath;
  /** What is wrong; after a semicolon, what to do. */
  sentence: string;
}

const FROM_HEAD = ['by', 'on', 'expires'] as const;
const SAYS: Record<(typeof FROM_HEAD)[number], string> = {
  by: 'says who found it',
  on: 'says on which day it was found',
  expires: 'says until when it holds',
};

/**
 * @param cell as the file has it.
 * @param head the file's settings, some of which hold for cells that do not say.
 */
export function cellFaults(cell: unknown, path: FieldPath, head: unknown): Fault[] {
  if (!isGroup(cell)) return [];
  const outer = isGroup(head) ? head : {};
  const told = (sentence: string, ...inner: FieldPath): Fault => ({ path: [...path, ...inner], sentence });
  const missing = FROM_HEAD.filter((field) => cell[field] === undefined && outer[field] === undefined).map((field) =>
    told(`is missing; neither this cell nor the top of the file ${SAYS[field]}: write ${field}`, field),
  );
  return [
    ...targetFaults(cell, told),
    ...evidenceFaults(cell, told),
    ...missing,
    ...daysFaults(cell.on ?? outer.on, cell.expires ?? outer.expires, told, cell),
  ];
}

type Tell = (sentence: string, ...inner: FieldPath) => Fault;

function targetFaults({ model, models }: Record<string, unknown>, told: Tell): Fault[] {
  if (model === undefined && models === undefined)
    return [told('is missing; write model: NAME, or models: for all that have some properties', 'models')];
  if (model !== undefined && models !== undefined) return [told('stands beside model; leave one of them', 'models')];
  if (!isGroup(models)) return [];
  if (Object.keys(models).length === 0) return [told('names no property; write models: all for every model', 'models')];
  const { parameters } = models;
  if (!isGroup(parameters)) return [];
  const { from, to } = parameters;
  if (from === undefined && to === undefined)
    return [told('names no limit; write from, to, or both', 'models', 'parameters')];
  const empty = typeof from === 'number' && typeof to === 'number' && from >= to;
  return empty ? [told(`fits no model; from must be less than to`, 'models', 'parameters')] : [];
}

function evidenceFaults({ state, evidence }: Record<string, unknown>, told: Tell): Fault[] {
  const none = evidence === undefined || (Array.isArray(evidence) && evidence.length === 0);
  if (!none || (state !== 'capable' && state !== 'not-capable')) return [];
  return [told(`is missing; write what ${state} rests on: a kind and its source`, 'evidence')];
}

function daysFaults(on: unknown, expires: unknown, told: Tell, cell: Record<string, unknown>): Fault[] {
  if (!isDay(on) || !isDay(expires) || on <= expires) return [];
  return [told(`${expires} is before ${on}, the day of the finding`, cell.expires === undefined ? 'on' : 'expires')];
}

/** A cell for an entry that the manual lacks would never be looked at. */
export function entryFaults(cell: unknown, path: FieldPath, manual: Manual, known: readonly string[]): Fault[] {
  const entry = isGroup(cell) ? cell.entry : undefined;
  if (typeof entry !== 'string' || entry.trim() === '' || known.includes(entry)) return [];
  const message = `the manual ${manual.name} has no entry ${entry.slice(0, 100)}`;
  return [{ path: [...path, 'entry'], sentence: `${message}; ${didYouMean(entry, known)}` }];
}
