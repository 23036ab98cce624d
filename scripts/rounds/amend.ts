/** `round amend`: another capability table for a round that has begun. */
import type { Db } from '../../db/connection';
import { findTable } from '../../db/manuals/find';
import { readManual } from '../../db/manuals/read';
import { amendTable } from '../../db/rounds/amend';
import { resolveRoundId } from '../../db/rounds/list';
import { readRound } from '../../db/rounds/read';
import { tableMisfit } from '../../db/rounds/terms';
import type { RoundId } from '../../domain/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';
import { count } from '../output';

export async function amend(db: Db, call: Call): Promise<undefined> {
  const roundId = await resolveRoundId(db, call.args[0] ?? '');
  const deed = { action: 'round.amend', subject: roundId, roundId, roles: ['researcher'] as const };
  const actor = await actingPerson(db, call, deed);
  const why = (call.value('why') ?? '').trim();
  if (why === '') throw wrong('usage', 'an amendment needs a reason', 'say it with --why', '--why');
  const found = await fittingTable(db, roundId, call.value('capability') ?? '');
  const name = `${found.table.manual}@${found.revision}`;
  if (call.on('dryRun')) {
    const said = `would measure ${roundId} by the capability table ${name} from now on\nwhat that changes: plumbline capability show ${name} --preview ${roundId}`;
    call.output.record({ event: 'would-amend', roundId, capabilityTable: name }, said);
    return;
  }
  const result = await amendTable(db, { roundId, table: found.hash, by: actor.id, why });
  if (result.kind === 'over') {
    throw wrong(
      'round-over',
      `round ${roundId} is ${result.status}: nothing is measured any more`,
      'start another one',
    );
  }
  if (result.kind === 'already') {
    call.output.record(
      { event: 'already', roundId, capabilityTable: name },
      `${roundId} is measured by ${name} already`,
    );
    return;
  }
  const { items, specHash } = result;
  const record = { event: 'amended', roundId, capabilityTable: name, specHash, items };
  call.output.record(
    record,
    `${roundId} is measured by ${name} from now on; ${count(items, 'item')} are looked at again`,
  );
}

async function fittingTable(db: Db, roundId: RoundId, ref: string) {
  const { manualRevision, form } = await readRound(db, roundId);
  if (manualRevision === null || form === 'verdict') {
    const message = `round ${roundId} asks by the form ${form}: no verdict of it rests on a capability table`;
    throw wrong('no-derivation', message, 'capability tables belong to the form obvious-misalignment');
  }
  const stored = await readManual(db, manualRevision);
  const { name } = stored.manual;
  const found = await findTable(db, ref, name);
  if (!found) {
    const hint = '`plumbline capability list` shows those there are; `plumbline capability import` adds one';
    throw wrong('unknown-table', `there is no capability table ${ref.slice(0, 80)} for ${name}`, hint, '--capability');
  }
  const misfit = tableMisfit(found, stored);
  if (misfit) throw new CommandError({ ...misfit, at: '--capability' }, EXIT.wrongUsage);
  return found;
}

function wrong(kind: string, message: string, hint: string, at?: string): CommandError {
  return new CommandError({ kind, message, hint, ...(at && { at }) }, EXIT.wrongUsage);
}
