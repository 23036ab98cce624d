/** A manual as a terminal shows it. */
import { FAULT_KINDS } from '../../domain/forms';
import type { ManualHash } from '../../domain/ids';
import { CLAUSE_PARTS, type Entry, type Example, type Manual } from '../../domain/manual';
import { answersInWords } from '../adjudication/words';

export interface ShownManual {
  manual: Manual;
  hash: ManualHash;
  /** null: read from a folder. */
  stored: { revision: number; importedAt: Date; importedBy: string } | null;
}

/** The whole manual in one record. */
export function manualRecord({ manual, hash, stored }: ShownManual) {
  return {
    manual: stored ? `${manual.name}@${stored.revision}` : manual.name,
    revision: stored?.revision ?? null,
    hash,
    importedAt: stored?.importedAt.toISOString() ?? null,
    importedBy: stored?.importedBy ?? null,
    ...manual,
  };
}

export function describeManual({ manual, hash, stored }: ShownManual): string {
  const { name, title, form, task, clauses, examples } = manual;
  const from = stored
    ? `imported ${stored.importedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC by ${stored.importedBy}`
    : 'read from its folder, not stored';
  const parts = CLAUSE_PARTS.flatMap((part) => {
    const inPart = clauses.filter((clause) => clause.part === part);
    return inPart.length === 0 ? [] : [heading(`clauses: ${part}`), ...inPart.map(titled)];
  });
  return [
    `${stored ? `${name}@${stored.revision}` : name}  ${title}`,
    `form ${form}, hash ${hash}`,
    from,
    heading('task'),
    task,
    ...parts,
    ...describeEntries(manual),
    ...(examples.length > 0 ? [heading('examples')] : []),
    ...examples.map((example) => describeExample(example, manual)),
  ].join('\n');
}

function heading(text: string): string {
  return `\n== ${text} ==`;
}

function titled({ id, title, text }: { id: string; title: string; text: string }): string {
  return `${id}: ${title}\n${text.replaceAll(/^(?=.)/gm, '    ')}\n`;
}

/** By kind of fault, as a labeller is offered them; an entry for several kinds stands under each. */
function describeEntries({ entries }: Manual): string[] {
  return FAULT_KINDS.flatMap((kind) => {
    const offered = entries.filter(({ kinds }) => kinds.includes(kind));
    return offered.length === 0 ? [] : [heading(`entries for ${kind}`), ...offered.map(lineOf)];
  });
}

function lineOf({ id, title }: Entry): string {
  return `${id}: ${title}`;
}

function describeExample({ id, title, answers }: Example, manual: Manual): string {
  return [`${id}: ${title}`, ...answersInWords(answers, manual)].join('\n    ');
}
