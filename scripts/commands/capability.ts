import type { Command } from 'commander';
import type { Db } from '../../db/connection';
import { act } from '../../db/labelling/act';
import { findManual, newestTable } from '../../db/manuals/find';
import { listManuals, listTables } from '../../db/manuals/list';
import { saveTable } from '../../db/manuals/save';
import { hashTable, type ModelTraits } from '../../domain/capability';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { manualOfCapability, readCapability } from '../intake/capability';
import { addLeaf, addNoun, type Call } from '../leaf';
import { olderTable, tell } from '../manuals/init';
import { meantManual, meantTable } from '../manuals/meant';
import { preview } from '../manuals/preview';
import { abilitiesFor, describeModel, describeTable, modelRecord, tableRecord } from '../manuals/tableView';
import { count, table } from '../output';

export function addCapabilityCommands(program: Command): void {
  const text = 'what models are known to be capable of; labellers never see it';
  const capability = addNoun(program, 'capability', text, 'capability import capability.yaml --as Rosa');
  addLeaf(capability, {
    usage: 'import <file>',
    text: 'checks a table against its manual’s newest revision, and keeps it under the next number',
    examples: [
      'capability import capability.yaml --as Rosa',
      'capability import capability.yaml --as Rosa --dry-run --json',
    ],
    acts: true,
    mutates: true,
    run: importTable,
  });
  addLeaf(capability, {
    usage: 'show [table]',
    text: 'a table’s cells, by its manual’s name, name@1 or the beginning of its hash (left out: the only manual’s newest)',
    flags: [
      { flags: '--model <name>', text: 'what holds of this model, and which cell says so' },
      { flags: '--family <family>', text: 'the model’s family' },
      { flags: '--parameters <n>', text: 'the model’s size, such as 7e9' },
      { flags: '--regime <regime>', text: 'how the model was trained, such as base or rlhf' },
      {
        flags: '--preview <round>',
        text: 'how many verdicts of a round the table would change, per model; changes nothing',
      },
      { flags: '--file <file>', text: 'with --preview: a table that is not imported yet' },
    ],
    examples: [
      'capability show',
      'capability show starter@2 --model small --parameters 7e9 --regime rlhf',
      'capability show --file capability.yaml --preview latest',
    ],
    run: show,
  });
  addLeaf(capability, {
    usage: 'list',
    text: 'every table, and every manual',
    examples: ['capability list', 'capability list --json'],
    run: (call) => withDatabase((db) => list(db, call)),
  });
}

/** What can be checked without the manual is, before any database is looked for. */
function importTable(call: Call): Promise<undefined> {
  const [file = ''] = call.args;
  const named = manualOfCapability(file);
  return withDatabase((db) => importFor(db, call, file, named));
}

async function importFor(db: Db, call: Call, file: string, named: { name: string; at: string }): Promise<undefined> {
  const { output } = call;
  const deed = { action: 'capability.import', subject: named.name, roles: ['researcher'] as const };
  const actor = await actingPerson(db, call, deed);
  const result = await act(db, async (tx) => {
    const { manual, revision } = await meantManual(tx, named.name, named.at);
    const read = readCapability(file, manual);
    const against = `${manual.name}@${revision}`;
    if (call.on('dryRun')) return { ...read, against, saved: null };
    const saved = await saveTable(tx, read.table, actor.id);
    const newest = await newestTable(tx, manual.name);
    const older = newest !== undefined && saved.revision < newest.revision;
    const [mine, last] = [`${manual.name}@${saved.revision}`, `${manual.name}@${newest?.revision}`];
    return { ...read, against, saved, notices: older ? [...read.notices, olderTable(mine, last)] : read.notices };
  });
  const { table: content, against, saved, notices } = result;
  tell(output, notices);
  const facts = { hash: hashTable(content), manual: against, cells: content.cells.length, notices };
  const about = `${count(content.cells.length, 'cell')}, checked against ${against}`;
  if (!saved) {
    output.record({ event: 'would-import', table: content.manual, ...facts }, `would import a table of ${about}`);
    return;
  }
  const name = `${content.manual}@${saved.revision}`;
  const record = { event: 'imported', table: name, ...facts, created: saved.created };
  output.record(record, `${saved.created ? 'imported' : 'known already:'} ${name}: ${about}`);
}

async function show(call: Call): Promise<undefined> {
  const round = call.value('preview');
  if (round !== undefined) return withDatabase((db) => preview(db, call, round));
  if (call.value('file') !== undefined) {
    const hint = 'say which round: --preview latest; to keep the table: plumbline capability import FILE';
    const message = 'shows what a file would change, and needs a round for it';
    throw new CommandError({ kind: 'usage', message, hint, at: '--file' }, EXIT.wrongUsage);
  }
  const model = traitsOf(call);
  await withDatabase(async (db) => {
    const found = await meantTable(db, call.args[0]);
    const at = new Date();
    if (model === undefined) {
      call.output.record(tableRecord(found, at), describeTable(found, at));
      return;
    }
    const manual = await findManual(db, found.table.manual);
    const abilities = abilitiesFor(found, model, manual?.manual.entries ?? [], at);
    call.output.record(modelRecord(found, model, abilities), describeModel(found, model, abilities, at));
  });
}

/** @throws CommandError for a size that is none. @returns undefined where no model is asked about. */
function traitsOf(call: Call): ModelTraits | undefined {
  const [id, family, size, regime] = ['model', 'family', 'parameters', 'regime'].map((flag) => call.value(flag));
  if (id === undefined && family === undefined && size === undefined && regime === undefined) return undefined;
  const parameters = size === undefined ? null : Number(size);
  if (parameters !== null && !(parameters > 0 && Number.isFinite(parameters))) {
    const message = 'takes a number above 0, such as 7e9';
    throw new CommandError({ kind: 'usage', message, at: '--parameters' }, EXIT.wrongUsage);
  }
  return { id: id ?? '', family: family ?? null, parameters, regime: regime ?? null };
}

async function list(db: Db, { output }: Call): Promise<undefined> {
  const [tables, manuals] = [await listTables(db), await listManuals(db)];
  const records = [
    ...tables.map((one) => ({ kind: 'table', ...one, importedAt: one.importedAt.toISOString() })),
    ...manuals.map((one) => ({ kind: 'manual', ...one, importedAt: one.importedAt.toISOString() })),
  ];
  const tableRows = tables.map(({ manual, revision, cells, rounds, importedAt, importedBy, hash }) => [
    `${manual}@${revision}`,
    String(cells),
    String(rounds),
    ...whence(importedAt, importedBy, hash),
  ]);
  const manualRows = manuals.map(({ name, revision, form, rounds, importedAt, importedBy, hash }) => [
    `${name}@${revision}`,
    form,
    String(rounds),
    ...whence(importedAt, importedBy, hash),
  ]);
  const origin = ['imported (UTC)', 'by', 'hash'];
  const human = [
    tables.length > 0 ? table(['table', 'cells', 'rounds', ...origin], tableRows) : 'no capability tables yet',
    manuals.length > 0 ? table(['manual', 'form', 'rounds', ...origin], manualRows) : 'no manuals yet',
  ];
  output.records(records, human.join('\n\n'));
}

function whence(at: Date, by: string, hash: string): string[] {
  return [at.toISOString().slice(0, 16).replace('T', ' '), by, hash.slice(0, 12)];
}
