/** `manual init`: a folder's manual, and the capability table beside it, checked and then kept. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Db, Tx } from '../../db/connection';
import { act } from '../../db/labelling/act';
import { newestTable } from '../../db/manuals/find';
import { type SavedManual, type SavedTable, saveManual, saveTable } from '../../db/manuals/save';
import { lockPrompts } from '../../db/prompts';
import { tableMisfit } from '../../db/rounds/terms';
import { measuringExamples } from '../../db/wall';
import type { CapabilityTable } from '../../domain/capability';
import type { PersonId } from '../../domain/ids';
import { hashManual, type Manual } from '../../domain/manual';
import { ProblemsError, refuseIfAny } from '../../domain/problems';
import { actingPerson } from '../acting';
import { withDatabase } from '../finding';
import { readCapability } from '../intake/capability';
import { fileProblem, shownPath } from '../intake/files';
import { readManual } from '../intake/manual';
import { codeOf } from '../intake/manual/folder';
import type { Call } from '../leaf';
import { count, type Output } from '../output';

/** The manual that a team may begin with. */
export const STARTER = path.join(__dirname, '../../manuals/starter');
const TABLE_FILE = 'capability.yaml';

export interface ManualFolder {
  manual: Manual;
  /** null: the folder has no capability.yaml. */
  table: CapabilityTable | null;
  notices: string[];
  /** In the order of the manual's examples. */
  exampleFiles?: readonly string[];
}

/** The files are checked first, so that they can be mended without any service. */
export async function init(call: Call): Promise<undefined> {
  const { args, output } = call;
  const [folder = 'manual'] = args;
  const dryRun = call.on('dryRun');
  const read = readFolder(isUnused(folder) ? beginWithStarter(folder, output, dryRun) : folder);
  tell(output, read.notices);
  if (dryRun)
    output.record(
      { event: 'would-import', ...recordOf(read) },
      `the files are in order; would import ${described(read)}, unless rounds rest on it already`,
    );
  else await withDatabase((db) => keep(db, call, read));
}

/** @throws ProblemsError with everything that is wrong with the folder; its table is checked once the manual is sound. */
export function readFolder(folder: string): ManualFolder {
  const { manual, notices, exampleFiles } = readManual(folder);
  const file = path.join(folder, TABLE_FILE);
  if (existsSync(file)) {
    const read = readCapability(file, manual);
    return { manual, table: read.table, notices: [...notices, ...read.notices], exampleFiles };
  }
  const near = ['capability.yml', 'capabilities.yaml', 'capabilities.yml'].find((name) =>
    existsSync(path.join(folder, name)),
  );
  const unread = near ? [`${shownPath(path.join(folder, near))} is not read: did you mean ${TABLE_FILE}?`] : [];
  return { manual, table: null, notices: [...notices, ...unread], exampleFiles };
}

/** Not there, or without anything but hidden files. */
function isUnused(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => name.startsWith('.'));
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}

/** @returns the folder to read. */
function beginWithStarter(folder: string, output: Output, dryRun: boolean): string {
  if (dryRun) {
    output.note(`plumbline: would copy the starter manual to ${shownPath(folder)}`);
    return STARTER;
  }
  try {
    cpSync(STARTER, folder, { recursive: true });
  } catch (error) {
    const problem = fileProblem(error, folder);
    if (!problem) throw error;
    throw ProblemsError.of({ ...problem, message: `the starter manual cannot be copied here: ${problem.message}` });
  }
  output.note(`plumbline: copied the starter manual to ${shownPath(folder)}: read it, and make it your own`);
  return folder;
}

async function keep(db: Db, call: Call, read: ManualFolder): Promise<void> {
  const { manual, table } = read;
  const deed = { action: 'manual.init', subject: manual.name, roles: ['researcher'] as const };
  const actor = await actingPerson(db, call, deed);
  const saved = await keepFolder(db, read, actor.id);
  tell(call.output, saved.notices);
  const name = `${manual.name}@${saved.manual.revision}`;
  const record = {
    event: 'imported',
    ...recordOf(read),
    manual: name,
    capabilityTable: saved.table && table ? `${table.manual}@${saved.table.revision}` : null,
    created: saved.manual.created,
    notices: [...read.notices, ...saved.notices],
  };
  const said = saved.manual.created ? 'imported' : 'known already:';
  const tableSaid = record.capabilityTable ? `, capability table ${record.capabilityTable}` : '';
  call.output.record(record, `${said} ${name}: ${described(read)}${tableSaid}`);
}

/** Both in one transaction; what is there already stays as it is. */
export function keepFolder(db: Db, read: ManualFolder, by: PersonId) {
  return act(db, (tx) => saveBoth(tx, read, by));
}

async function saveBoth(
  tx: Tx,
  { manual, table, exampleFiles = [] }: ManualFolder,
  by: PersonId,
): Promise<{ manual: SavedManual; table: SavedTable | null; notices: string[] }> {
  await lockPrompts(tx);
  const saved = await saveManual(tx, manual, by);
  if (saved.created) {
    const placeOf = (i: number) => exampleFiles[i] ?? `examples[${i}]`;
    refuseIfAny(await measuringExamples(tx, manual.examples, placeOf));
  }
  const savedTable = table && (await saveTable(tx, table, by));
  const name = `${manual.name}@${saved.revision}`;
  const notices = saved.replaced ? [`${name} was other content before; no round rested on it, and it is replaced`] : [];
  const newest = await newestTable(tx, manual.name);
  if (!newest) return { manual: saved, table: savedTable, notices };
  const newestName = `${manual.name}@${newest.revision}`;
  if (savedTable && savedTable.revision < newest.revision) {
    notices.push(olderTable(`${manual.name}@${savedTable.revision}`, newestName));
  }
  const misfit = tableMisfit(newest, { manual, revision: saved.revision });
  if (misfit) notices.push(misfit.message);
  return { manual: saved, table: savedTable, notices };
}

/** A table imported again keeps its number, and so is not what the manual's name alone stands for. */
export function olderTable(table: string, newest: string): string {
  return `${table} has this content already, and ${newest} is newer: name the one you mean in a round’s spec`;
}

/** Beside the result, for people; `--json` has them in the record too. */
export function tell(output: Output, notices: readonly string[]): void {
  for (const notice of notices) output.note(`plumbline: ${notice}`);
}

function recordOf({ manual, table, notices }: ManualFolder) {
  return {
    manual: manual.name,
    hash: hashManual(manual),
    form: manual.form,
    clauses: manual.clauses.length,
    entries: manual.entries.length,
    examples: manual.examples.length,
    capabilityTable: table?.manual ?? null,
    notices,
  };
}

function described({ manual }: ManualFolder): string {
  const { title, form, clauses, entries, examples } = manual;
  const sizes = [
    clauses.length === 1 ? '1 clause' : `${clauses.length} clauses`,
    entries.length === 1 ? '1 entry' : `${entries.length} entries`,
    count(examples.length, 'example'),
  ];
  return `${title} (${form}), ${sizes.join(', ')}`;
}
