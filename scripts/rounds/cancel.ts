/** `round cancel`: calling a round off. */
import type { Db } from '../../db/connection';
import { cancelRound } from '../../db/rounds/cancel';
import { resolveRoundId } from '../../db/rounds/list';
import { actingPerson } from '../acting';
import { CommandError } from '../failures';
import { harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { unknownRound } from './pause';

export async function cancel(db: Db, call: Call): Promise<undefined> {
  const roundId = await resolveRoundId(db, call.args[0] ?? '');
  const why = call.value('why');
  const deed = { action: 'round.cancel', subject: roundId, roundId, roles: ['operator'] as const };
  const actor = await actingPerson(db, call, deed);
  const result = await cancelRound(db, { roundId, by: actor.id, why, dryRun: call.on('dryRun') });
  if (result.kind === 'unknown-round') throw unknownRound(roundId);
  if (result.kind === 'ended') {
    const message = `round ${roundId} is ${result.status}: there is nothing to call off`;
    throw new CommandError({ kind: 'round-ended', message });
  }
  const named = `${roundId} (${harmlessLine(result.name)})`;
  const said = {
    cancelled: `called ${named} off`,
    'would-cancel': `would call ${named} off`,
    'already-cancelled': `${named} was called off before; see: plumbline round show ${roundId}`,
  };
  call.output.record({ event: result.kind, roundId }, said[result.kind]);
}
