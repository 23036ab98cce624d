/** What a round's labellers are asked, by which manual, and by which capability table their answers are derived. */
import { entriesForCells } from '../../domain/capability';
import type { FormName } from '../../domain/forms';
import type { ManualHash, TableHash } from '../../domain/ids';
import type { Manual } from '../../domain/manual';
import type { Problem } from '../../domain/problems';
import type { Tx } from '../connection';
import { type FoundManual, type FoundTable, findManual, findTable, newestTable } from '../manuals/find';

/** As a spec says it. */
export interface JudgedBy {
  /** null: the manual's; without a manual `verdict`. */
  form: FormName | null;
  /** A manual's name (its newest revision), `name@1`, or the beginning of a hash. */
  manual: string | null;
  /** The same for a table; null: the newest of the manual. */
  capability: string | null;
}

export interface Terms {
  form: FormName;
  manualRevision: ManualHash | null;
  manualName: string | null;
  capabilityTable: TableHash | null;
  tableName: string | null;
  problems: Problem[];
  notices: string[];
}

export async function termsOf(tx: Tx, judged: JudgedBy): Promise<Terms> {
  return judged.manual === null ? withoutManual(judged) : withManual(tx, judged, judged.manual);
}

function withoutManual({ form, capability }: JudgedBy): Terms {
  const problems: Problem[] = [];
  if (form === 'obvious-misalignment') {
    const message = 'the form obvious-misalignment needs a manual: its clauses and entries are what answers cite';
    const hint = '`plumbline manual init` makes one known; then write manual: NAME';
    problems.push({ kind: 'needs-manual', message, hint, at: 'manual' });
  }
  if (capability !== null) {
    const message = 'a capability table belongs to a manual, and none is named';
    problems.push({ kind: 'needs-manual', message, hint: 'write manual: NAME', at: 'capability' });
  }
  const nothing = { manualRevision: null, manualName: null, capabilityTable: null, tableName: null };
  return { ...nothing, form: form ?? 'verdict', problems, notices: [] };
}

async function withManual(tx: Tx, judged: JudgedBy, ref: string): Promise<Terms> {
  const found = await findManual(tx, ref);
  if (!found) {
    const hint = '`plumbline manual init` makes one known; `plumbline capability list` shows those that are';
    const problem = { kind: 'unknown-manual', message: `there is no manual ${ref}`, hint, at: 'manual' };
    return { ...withoutManual({ form: 'verdict', manual: null, capability: null }), problems: [problem] };
  }
  const { manual } = found;
  const table = await tableOf(tx, judged.capability, manual.name);
  return {
    form: manual.form,
    manualRevision: found.hash,
    manualName: `${manual.name}@${found.revision}`,
    capabilityTable: table?.hash ?? null,
    tableName: table ? `${table.table.manual}@${table.revision}` : null,
    problems: [...otherForm(judged, found), ...tableProblems(judged.capability, table, manual)],
    notices: tableNotices(table, manual),
  };
}

function tableOf(tx: Tx, ref: string | null, manual: string): Promise<FoundTable | undefined> {
  return ref === null ? newestTable(tx, manual) : findTable(tx, ref, manual);
}

function otherForm({ form }: JudgedBy, { manual, revision }: FoundManual): Problem[] {
  if (form === null || form === manual.form) return [];
  const message = `is ${form}, and the manual ${manual.name}@${revision} asks by the form ${manual.form}`;
  return [{ kind: 'other-form', message, hint: 'leave form out: the manual names it', at: 'form' }];
}

function tableProblems(ref: string | null, table: FoundTable | undefined, manual: Manual): Problem[] {
  const at = 'capability';
  if (!table) {
    if (ref === null) return [];
    const hint = '`plumbline capability list` shows those there are; `plumbline capability import` adds one';
    return [{ kind: 'unknown-table', message: `there is no capability table ${ref} for ${manual.name}`, hint, at }];
  }
  const unknown = unknownEntries(table, manual);
  if (unknown.length === 0) return [];
  const message = `the capability table ${table.table.manual}@${table.revision} speaks of ${unknown.join(', ')}, which the manual lacks`;
  return [{ kind: 'other-table', message, hint: 'import a table that fits this revision of the manual', at }];
}

/** Entries of the table that the manual does not have. */
export function unknownEntries({ table }: FoundTable, manual: Manual): string[] {
  const known = entriesForCells(manual.entries);
  return [...new Set(table.cells.map(({ entry }) => entry))].filter((entry) => !known.includes(entry));
}

function tableNotices(table: FoundTable | undefined, { form, name }: Manual): string[] {
  if (table || form === 'verdict') return [];
  return [
    `${name} has no capability table: nothing is known of any model, so every fault will be ambiguous (capability-unknown)`,
  ];
}
