/** `prompts import`: files read and checked, what was found told, the set stored. */
import { recordAct } from '../../db/audit';
import type { Db, Tx } from '../../db/connection';
import { promptSetByHash, promptSetsMeant } from '../../db/promptSets';
import { lockPrompts, savePromptSet } from '../../db/prompts';
import { crossingsOf } from '../../db/wall';
import { type Problem, refuseIfAny } from '../../domain/problems';
import type { PromptSource } from '../../domain/prompts';
import { PROMPT_SET_KINDS, type PromptSetKind, PURPOSES, type Purpose } from '../../domain/states';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import type { PromptInput } from '../intake/promptFile';
import { type ReadPrompts, readPrompts } from '../intake/prompts';
import type { PromptReading } from '../intake/spec';
import type { Call } from '../leaf';
import type { Output } from '../output';
import { DuplicateSearch, type Duplicates } from './duplicates';
import { counter } from './progress';
import { readingOf } from './reading';
import { withInputs } from './standardInput';
import { describeImport, type Imported, importRecord } from './told';

/** What is to become of the prompts that were read. */
interface Wanted {
  purpose: Purpose;
  kind: PromptSetKind;
  duplicates: Duplicates;
}

/** The files are read before the database is looked for: they can be mended without any service. */
export async function importPrompts(call: Call): Promise<undefined> {
  const reading = readingOf(call);
  const name = nameOf(call);
  const purpose = PURPOSES.find((known) => known === call.value('purpose')) ?? 'measure';
  const kind = PROMPT_SET_KINDS.find((known) => known === call.value('kind')) ?? 'fixed';
  await withInputs(call.args, async (inputs) => {
    const { source, duplicates } = await readThrough(inputs, reading, name, call.output);
    await withDatabase((db) => store(db, call, source, { purpose, kind, duplicates }));
  });
}

/** What the search needs of memory is given back when it is done. */
async function readThrough(
  inputs: readonly PromptInput[],
  reading: PromptReading,
  name: string | undefined,
  output: Output,
): Promise<{ source: ReadPrompts; duplicates: Duplicates }> {
  const search = new DuplicateSearch();
  const read = counter(output, 'read');
  const source = await readPrompts(inputs, reading, {
    name,
    each: (prompt, file, line) => {
      read();
      search.add(prompt, file, line);
    },
  });
  return { source, duplicates: search.result() };
}

async function store(db: Db, call: Call, source: ReadPrompts, wanted: Wanted): Promise<void> {
  const action = 'prompts.import';
  const deed = { action, subject: source.name, roles: ['operator', 'researcher'] as const };
  const actor = await actingPerson(db, call, deed);
  const { imported, named } = await db.transaction(async (tx) => {
    // A set that is stored meanwhile may bring prompts of the other side.
    if (!call.on('dryRun')) await lockPrompts(tx);
    const foretold = await foretell(tx, call, source, wanted);
    if (foretold.imported.event === 'imported') {
      const { purpose, kind } = wanted;
      await savePromptSet(tx, counted(source, call.output), purpose, kind);
      const { name, hash, size, given } = source;
      const detail = { name, size, purpose, kind, given, badRows: source.badRows.total };
      await recordAct(tx, { actor: actor.id, action, subject: hash, detail });
    }
    return foretold;
  });
  call.output.record(importRecord(imported), describeImport(imported, named));
}

/** @throws ProblemsError where the prompts, or some of them, are stored for the other purpose. */
async function foretell(tx: Tx, call: Call, source: ReadPrompts, { purpose, kind, duplicates }: Wanted) {
  const before = await promptSetByHash(tx, source.hash);
  refuseIfAny(before && before.purpose !== purpose ? [otherPurpose(before)] : []);
  // What is stored has passed the wall once, and stays where it is.
  const crossings = before ? [] : await crossingsOf(tx, source, purpose);
  refuseIfAny(crossings.map((problem) => ({ ...problem, at: '--purpose' })));
  const [same] = await promptSetsMeant(tx, source.name);
  const event = before ? 'already-imported' : call.on('dryRun') ? 'would-import' : 'imported';
  const name = before?.name ?? source.name;
  const imported: Imported = { event, source, name, purpose, kind: before?.kind ?? kind, duplicates };
  return { imported, named: same && same.hash !== source.hash && !before ? same : null };
}

function counted(source: ReadPrompts, output: Output): PromptSource {
  const stored = counter(output, 'stored');
  return {
    ...source,
    async *prompts() {
      for await (const prompt of source.prompts()) {
        stored();
        yield prompt;
      }
    },
  };
}

function otherPurpose({ name, purpose }: { name: string; purpose: Purpose }): Problem {
  return {
    kind: 'other-purpose',
    message: `these prompts are stored as ${name} to ${purpose}, and a set keeps its purpose`,
    hint: `use other prompts, or say --purpose ${purpose}`,
    at: '--purpose',
  };
}

const LONGEST_NAME = 200;

function nameOf(call: Call): string | undefined {
  const name = call.value('name');
  if (name === undefined || (name.trim() === name && name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name))) return name;
  const message = `must be a name of 1 to ${LONGEST_NAME} characters on one line, without spaces around it`;
  throw new CommandError({ kind: 'usage', message, at: '--name' }, EXIT.wrongUsage);
}
