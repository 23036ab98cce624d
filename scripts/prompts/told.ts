/** What `prompts import` tells: how many prompts were kept, which rows were not, which are the same. */
import type { Problem } from '../../domain/problems';
import type { PromptSetKind, Purpose } from '../../domain/states';
import { misspeltFields } from '../intake/promptFields';
import type { ReadPrompts } from '../intake/prompts';
import { count } from '../output';
import type { Duplicates } from './duplicates';
import { refOf } from './meant';

export interface Imported {
  event: 'imported' | 'already-imported' | 'would-import';
  source: ReadPrompts;
  /** Under which it is stored. */
  name: string;
  purpose: Purpose;
  kind: PromptSetKind;
  duplicates: Duplicates;
}

export function importRecord({ event, source, name, purpose, kind, duplicates }: Imported) {
  const { hash, size, fields, given, mostTurns, requirements, badRows } = source;
  return {
    event,
    set: name,
    hash,
    size,
    purpose,
    kind,
    fields,
    given,
    mostTurns,
    requirements,
    badRows: { total: badRows.total, first: badRows.listed.map(({ at = '', message }) => ({ at, message })) },
    duplicates,
    notices: misspeltFields(fields),
  };
}

const SAID = { imported: 'imported', 'already-imported': 'stored before, as', 'would-import': 'would import' };

/** @param earlier another set that the name has stood for until now. */
export function describeImport(imported: Imported, earlier: { name: string; hash: string } | null): string {
  const { event, source, name, purpose, duplicates } = imported;
  const ref = { name, hash: source.hash };
  return [
    `${SAID[event]} ${name}: ${count(source.size, 'prompt')} to ${purpose}, ${refOf(ref)}`,
    ...(source.given > 0 ? [`${count(source.given, 'prompt')} with a completion`] : []),
    ...badRowLines(source.badRows),
    ...misspeltFields(source.fields),
    ...duplicateLines(duplicates),
    ...(earlier ? [`${name} stands for this set from now on; the one before it is ${refOf(earlier)}`] : []),
    ...(event === 'would-import' ? [] : [`in a round: prompts: {set: ${JSON.stringify(name)}}`]),
  ].join('\n');
}

function badRowLines({ total, listed }: { total: number; listed: readonly Problem[] }): string[] {
  if (total === 0) return [];
  const more = total > listed.length ? [`  and ${total - listed.length} more`] : [];
  return [`${count(total, 'bad row')} left out:`, ...listed.map(({ at, message }) => `  ${at}: ${message}`), ...more];
}

function duplicateLines({ exact, near, pairs, compared, capped: isCapped }: Duplicates): string[] {
  const among = `among ${compared.toLocaleString('en')} prompts; beyond them only equal words`;
  const capped = isCapped ? [`near-duplicates were looked for ${among}`] : [];
  if (exact + near === 0) return ['no duplicates', ...capped];
  const more = exact + near > pairs.length ? [`  and ${exact + near - pairs.length} more`] : [];
  return [
    `${count(exact, 'exact duplicate')}, ${count(near, 'near-duplicate')}; all are kept:`,
    ...pairs.map(({ kind, at, of }) => `  ${at} is ${kind === 'exact' ? 'the same as' : 'much like'} ${of}`),
    ...more,
    ...capped,
  ];
}
