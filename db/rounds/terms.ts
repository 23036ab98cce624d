/** What a round's labellers are asked, by which manual, and by which capability table their answers are derived. */
import { abilitiesOf, entriesForCells, type ModelTraits } from '../../domain/capability';
import { TELLS_WHAT_IS_WANTED } from '../../domain/derivation';
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

/** @param models of the round: one of which the table says nothing is worth a notice. */
export async function termsOf(tx: Tx, judged: JudgedBy, models: readonly ModelTraits[]): Promise<Terms> {
  return judged.manual === null ? withoutManual(judged) : withManual(tx, judged, judged.manual, models);
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

async function withManual(tx: Tx, judged: JudgedBy, ref: string, models: readonly ModelTraits[]): Promise<Terms> {
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
    manualName: nameOf(found),
    capabilityTable: table?.hash ?? null,
    tableName: table ? tableNameOf(table) : null,
    problems: [...otherForm(judged, found), ...tableProblems(judged.capability, table, found)],
    notices: tableNotices(table, manual, models),
  };
}

function tableOf(tx: Tx, ref: string | null, manual: string): Promise<FoundTable | undefined> {
  return ref === null ? newestTable(tx, manual) : findTable(tx, ref, manual);
}

function otherForm({ form }: JudgedBy, found: FoundManual): Problem[] {
  const { manual } = found;
  if (form === null || form === manual.form) return [];
  const message = `is ${form}, and the manual ${nameOf(found)} asks by the form ${manual.form}`;
  return [{ kind: 'other-form', message, hint: 'leave form out: the manual names it', at: 'form' }];
}

function tableProblems(ref: string | null, table: FoundTable | undefined, found: FoundManual): Problem[] {
  const at = 'capability';
  if (!table) {
    if (ref === null) return [];
    const hint = '`plumbline capability list` shows those there are; `plumbline capability import` adds one';
    const message = `there is no capability table ${ref} for ${found.manual.name}`;
    return [{ kind: 'unknown-table', message, hint, at }];
  }
  const misfit = tableMisfit(table, found);
  return misfit ? [{ ...misfit, at }] : [];
}

/** Why a round by this manual cannot be measured by the table: it is another manual's, or of another revision's entries. */
export function tableMisfit(
  found: Pick<FoundTable, 'table' | 'revision'>,
  manual: Pick<FoundManual, 'manual' | 'revision'>,
): Problem | undefined {
  const known = entriesForCells(manual.manual.entries);
  const entries = new Set(found.table.cells.map(({ entry }) => entry));
  const unknown = [...entries].filter((entry) => !known.includes(entry));
  const [table, name] = [`the capability table ${tableNameOf(found)}`, `the manual ${nameOf(manual)}`];
  const hint = 'import a table that fits this revision of the manual';
  if (found.table.manual !== manual.manual.name) {
    return { kind: 'other-table', message: `${table} is not for ${name}`, hint };
  }
  if (unknown.length === 0) return undefined;
  return { kind: 'other-table', message: `${table} speaks of ${unknown.join(', ')}, which ${name} lacks`, hint };
}

function tableNotices(table: FoundTable | undefined, manual: Manual, models: readonly ModelTraits[]): string[] {
  if (manual.form === 'verdict') return [];
  if (table) return models.flatMap((model) => silenceNotices(table, manual, model));
  return [
    `${manual.name} has no capability table: nothing is known of any model, so every fault will be ambiguous (capability-unknown)`,
  ];
}

function silenceNotices(table: FoundTable, { entries }: Manual, model: ModelTraits): string[] {
  const abilityOf = abilitiesOf(model, table.table, new Date());
  // Then its faults are unavoidable, all but forbidden acts: that is no silence.
  if (abilityOf(TELLS_WHAT_IS_WANTED) === 'not-capable') return [];
  if (entries.some(({ id }) => abilityOf(id) !== 'unknown')) return [];
  const missing = (['family', 'parameters', 'regime'] as const).filter((trait) => model[trait] === null);
  const why = missing.length > 0 ? ` (${missing.join(', ')} not given)` : '';
  return [
    `${tableNameOf(table)} says nothing of the model ${model.id}${why}: every fault of it will be ambiguous (capability-unknown)`,
  ];
}

function nameOf({ manual, revision }: Pick<FoundManual, 'manual' | 'revision'>): string {
  return `${manual.name}@${revision}`;
}

function tableNameOf({ table, revision }: Pick<FoundTable, 'table' | 'revision'>): string {
  return `${table.manual}@${revision}`;
}
