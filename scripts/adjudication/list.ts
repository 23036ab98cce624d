/** `adjudicate list`: what waits for a ruling, in the order in which it is to be given. */
import type { Db } from '../../db/connection';
import { resolveRoundId } from '../../db/rounds/list';
import { type ContestedItem, listContested, listForSecond } from '../../db/rulings/list';
import type { RoundId } from '../../domain/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { table } from '../output';

const HEADINGS = ['', 'item', 'state', 'labels', 'ruled on by'];

export async function list(db: Db, call: Call): Promise<undefined> {
  const limit = limitOf(call);
  const roundId = await resolveRoundId(db, call.args[0] ?? '');
  const second = call.on('second');
  const waiting = await (second ? secondOnes(db, call, roundId, limit) : listContested(db, roundId, { limit }));
  const shown = table(HEADINGS, waiting.map(rowOf));
  const order = 'In an order drawn by the round’s seed: begin at the top, so that what is ruled on is a random sample.';
  const none = second
    ? `nobody else has ruled alone on an item of ${roundId} that is yours to rule on`
    : `nothing is contested in ${roundId}`;
  call.output.records(waiting, waiting.length > 0 ? `${shown}\n\n${order}` : none);
}

async function secondOnes(db: Db, call: Call, roundId: RoundId, limit: number | undefined): Promise<ContestedItem[]> {
  const deed = { action: 'ruling.list', subject: roundId, roundId, roles: ['researcher'] as const };
  return listForSecond(db, roundId, (await actingPerson(db, call, deed)).id, { limit });
}

function rowOf({ itemId, position, state, labels, rulings }: ContestedItem): string[] {
  const ruled = rulings.map(({ researcher, stage }) => `${harmlessLine(researcher)} (${stage})`);
  return [String(position), itemId, state, String(labels), ruled.join(', ')];
}

function limitOf(call: Call): number | undefined {
  const given = call.value('limit');
  if (given === undefined) return undefined;
  const limit = Number(given);
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new CommandError({ kind: 'usage', message: 'takes a whole number from 1', at: '--limit' }, EXIT.wrongUsage);
}
