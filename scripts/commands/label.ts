import type { Command } from 'commander';
import type { Db } from '../../db/connection';
import { withdrawLabel } from '../../db/labelling';
import type { LabelId } from '../../domain/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { addLeaf, addNoun, type Call } from '../leaf';

export function addLabelCommands(program: Command): void {
  const label = addNoun(
    program,
    'label',
    'labels that were given',
    'label withdraw LABEL --why "wrong item on the screen"',
  );
  addLeaf(label, {
    usage: 'withdraw <label>',
    text: 'takes a label out of the count; it stays readable, and its item is labelled again',
    flags: [{ flags: '--why <text>', text: 'the reason, for the record', required: true }],
    examples: ['label withdraw 0f8b5c1e-3d0a-4b52-9c3e-2f1f6f0a7c11 --why "wrong item on the screen"'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => withdraw(db, call)),
  });
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function withdraw(db: Db, call: Call): Promise<undefined> {
  const [given = ''] = call.args;
  const why = (call.value('why') ?? '').trim();
  if (why === '') throw wrong('usage', 'a withdrawal needs a reason', 'say it with --why', '--why');
  if (!UUID.test(given)) throw unknown(given);
  const labelId = given.toLowerCase() as LabelId;
  const deed = { action: 'label.withdraw', subject: labelId, roles: ['operator', 'researcher'] as const };
  const actor = await actingPerson(db, call, deed);
  const result = await withdrawLabel(db, { labelId, by: actor.id, why, dryRun: call.on('dryRun') });
  if (result.kind === 'unknown-label') throw unknown(given);
  const { kind: event, roundId } = result;
  if (result.kind === 'already-withdrawn') {
    const { at, by, why: reason } = result;
    const record = { event, labelId, roundId, at: at.toISOString(), by, why: reason };
    call.output.record(record, `${labelId} was withdrawn before, at ${at.toISOString()}`);
    return;
  }
  const said = result.kind === 'withdrawn' ? `withdrew ${labelId}` : `would withdraw ${labelId}`;
  call.output.record({ event, labelId, roundId }, `${said} of round ${roundId}`);
}

function unknown(given: string): CommandError {
  return wrong(
    'unknown-label',
    `there is no label ${given.slice(0, 60)}`,
    'labels are named by the id that the API gave',
  );
}

function wrong(kind: string, message: string, hint: string, at?: string): CommandError {
  return new CommandError({ kind, message, hint, ...(at && { at }) }, EXIT.wrongUsage);
}
