/** `round set`: how a round is run, adjusted while it runs. */
import type { Db } from '../../db/connection';
import { resolveRoundId } from '../../db/rounds/list';
import { readRound } from '../../db/rounds/read';
import { setRound } from '../../db/rounds/set';
import { isChange, type SettingChange } from '../../db/rounds/setBudget';
import type { Json } from '../../domain/text';
import { actingPerson } from '../acting';
import { CommandError } from '../failures';
import type { Call } from '../leaf';
import { reasonOf, unknownRound } from './pause';
import { readWanted } from './setKeys';

export async function set(db: Db, call: Call): Promise<undefined> {
  const [reference = '', ...texts] = call.args;
  const roundId = await resolveRoundId(db, reference);
  const wanted = readWanted(texts, await readRound(db, roundId));
  const why = reasonOf(call, 'a changed setting needs a reason');
  const actor = await actingPerson(db, call, { action: 'round.set', subject: roundId, roundId, roles: ['operator'] });
  const result = await setRound(db, wanted, { roundId, by: actor.id, why, dryRun: call.on('dryRun') });
  if (result.kind === 'unknown-round') throw unknownRound(roundId);
  if (result.kind === 'over') {
    const message = `round ${roundId} is ${result.status}: nothing of it runs any more`;
    throw new CommandError({ kind: 'round-ended', message, hint: 'start another one: plumbline round start' });
  }
  const { kind, changes, released, hadPassed, status } = result;
  const notes = [
    released &&
      `the budget leaves room: ${kind === 'set' ? 'the round makes calls again' : 'the round would make calls again'}`,
    hadPassed &&
      'what the old deadline ended stays ended; items that were not generated are tried again by `plumbline round retry`',
    status === 'done' && 'the round is done: this holds for what reopens it',
  ].filter((note) => note !== false);
  call.output.record({ event: kind, roundId, changes, released }, changes.map(describe).join('\n'));
  for (const note of notes) call.output.note(note);
}

function describe(change: SettingChange): string {
  const { setting, from, to } = change;
  return isChange(change) ? `${setting}: ${shown(from)} → ${shown(to)}` : `${setting}: ${shown(to)} as before`;
}

function shown(value: Json): string {
  if (Array.isArray(value)) return value.length === 0 ? 'everybody' : value.join(', ');
  return value === null ? 'none' : String(value);
}
