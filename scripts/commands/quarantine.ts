import type { Command } from 'commander';
import { recordAct } from '../../db/audit';
import type { Db } from '../../db/connection';
import {
  listQuarantined,
  type QuarantineResult,
  quarantine,
  readQuarantined,
  releaseFromQuarantine,
} from '../../db/labelling';
import { resolveRoundId } from '../../db/rounds/list';
import { type ItemId, isUuid } from '../../domain/ids';
import { QUARANTINE_ROLE, type Role } from '../../domain/states';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { harmless, harmlessLine } from '../harmless';
import { addLeaf, addNoun, type Call } from '../leaf';
import { table } from '../output';

const KEEPERS = [QUARANTINE_ROLE] as const;

export function addQuarantineCommands(program: Command): void {
  const noun = addNoun(
    program,
    'quarantine',
    `items that may be illegal: served to nobody, shown to the role ${QUARANTINE_ROLE} alone`,
    'quarantine list',
  );
  addLeaf(noun, {
    usage: 'list [round]',
    text: 'what is in quarantine, since when and why; without texts',
    examples: ['quarantine list', 'quarantine list latest --json'],
    acts: true,
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(noun, {
    usage: 'show <item>',
    text: 'the text of an item in quarantine; looking is recorded',
    examples: ['quarantine show 0f8b5c1e-3d0a-8b52-9c3e-2f1f6f0a7c11 --as Ada'],
    acts: true,
    run: (call) => withDatabase((db) => show(db, call)),
  });
  addLeaf(noun, {
    usage: 'add <item>',
    text: 'takes an item away from everybody, at once',
    flags: [{ flags: '--why <text>', text: 'the reason, for the record', required: true }],
    examples: ['quarantine add 0f8b5c1e-3d0a-8b52-9c3e-2f1f6f0a7c11 --why "may be illegal where we are"'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => change(db, call, 'quarantine.add', ['researcher', 'operator'], quarantine)),
  });
  addLeaf(noun, {
    usage: 'release <item>',
    text: 'gives an item back after a false alarm: it is open again, or as its labels have it',
    flags: [{ flags: '--why <text>', text: 'the reason, for the record', required: true }],
    examples: ['quarantine release 0f8b5c1e-3d0a-8b52-9c3e-2f1f6f0a7c11 --why "a recipe, nothing more" --as Ada'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => change(db, call, 'quarantine.release', KEEPERS, releaseFromQuarantine)),
  });
}

async function list(db: Db, call: Call): Promise<undefined> {
  const [ref] = call.args;
  await actingPerson(db, call, { action: 'quarantine.list', subject: ref ?? 'all', roles: KEEPERS });
  const roundId = ref === undefined ? undefined : await resolveRoundId(db, ref);
  const found = await listQuarantined(db, roundId);
  const records = found.map(({ at, acts, ...item }) => ({
    ...item,
    at: at.toISOString(),
    acts: acts.map((one) => ({ ...one, at: one.at.toISOString() })),
  }));
  const rows = records.map(({ itemId, roundId: of, at, acts }) => {
    const last = acts.at(-1);
    return [itemId, of, at.slice(0, 16).replace('T', ' '), last?.actor ?? '', harmlessLine(last?.why ?? '')];
  });
  const headings = ['item', 'round', 'since (UTC)', 'by', 'why'];
  call.output.records(records, rows.length > 0 ? table(headings, rows) : 'nothing is in quarantine');
}

async function show(db: Db, call: Call): Promise<undefined> {
  const itemId = itemIdOf(call);
  const deed = { action: 'quarantine.show', subject: itemId, roles: KEEPERS };
  const actor = await actingPerson(db, call, deed);
  const found = await readQuarantined(db, itemId);
  if (!found) throw wrong('unknown-item', `no item ${itemId} is in quarantine`, 'see `plumbline quarantine list`');
  await recordAct(db, { actor: actor.id, action: deed.action, subject: itemId, roundId: found.roundId });
  const { messages, completion, completionMessage, judgeTurn } = found;
  const whole = completionMessage ? JSON.stringify(completionMessage, null, 2) : completion;
  call.output.record(
    {
      itemId,
      messages,
      completion,
      ...(completionMessage && { completionMessage }),
      ...(judgeTurn !== undefined && { judgeTurn }),
    },
    harmless([JSON.stringify(messages, null, 2), '', 'completion:', whole].join('\n')),
  );
}

async function change(
  db: Db,
  call: Call,
  action: 'quarantine.add' | 'quarantine.release',
  roles: readonly Role[],
  act: typeof quarantine,
): Promise<undefined> {
  const itemId = itemIdOf(call);
  const why = (call.value('why') ?? '').trim();
  if (why === '') throw wrong('usage', 'this needs a reason', 'say it with --why', '--why');
  const actor = await actingPerson(db, call, { action, subject: itemId, roles });
  const { kind } = await act(db, { itemId, by: actor.id, why, dryRun: call.on('dryRun') });
  if (kind === 'not-served') {
    throw wrong(
      kind,
      `item ${itemId} was served to nobody yet`,
      'what has not been opened for labelling cannot have been seen',
    );
  }
  if (kind === 'unknown-item')
    throw wrong(kind, `there is no item ${itemId}`, '`plumbline adjudicate list` names items');
  call.output.record({ event: kind, itemId }, SAID[kind](itemId, action));
}

const SAID: Record<
  Exclude<QuarantineResult['kind'], 'unknown-item' | 'not-served'>,
  (itemId: ItemId, action: string) => string
> = {
  quarantined: (itemId) => `${itemId} is served to nobody from now on`,
  released: (itemId) => `${itemId} is out of quarantine`,
  would: (itemId, action) =>
    `would ${action === 'quarantine.add' ? 'put' : 'let'} ${itemId} ${action === 'quarantine.add' ? 'into' : 'out of'} quarantine`,
  already: (itemId, action) => `${itemId} is ${action === 'quarantine.add' ? '' : 'not '}in quarantine`,
};

function itemIdOf({ args: [given = ''] }: Call): ItemId {
  if (isUuid(given)) return given.toLowerCase() as ItemId;
  throw wrong('unknown-item', `${given.slice(0, 60)} is no item’s id`, 'see `plumbline quarantine list`');
}

function wrong(kind: string, message: string, hint: string, at?: string): CommandError {
  return new CommandError({ kind, message, hint, ...(at && { at }) }, EXIT.wrongUsage);
}
