/** `round pause` and `round resume`. */
import type { Db } from '../../db/connection';
import { resolveRoundId } from '../../db/rounds/list';
import { type PauseResult, pauseRound, type ResumeResult, resumeRound, type SpentBudget } from '../../db/rounds/pause';
import type { RoundId } from '../../domain/ids';
import { actingPerson } from '../acting';
import { largerBudget } from '../costs/words';
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';

export async function pause(db: Db, call: Call): Promise<undefined> {
  const roundId = await resolveRoundId(db, call.args[0] ?? '');
  const why = reasonOf(call, 'a pause needs a reason');
  const actor = await actingPerson(db, call, { action: 'round.pause', subject: roundId, roundId, roles: ['operator'] });
  const result = endedRefused(roundId, await pauseRound(db, { roundId, by: actor.id, why, dryRun: call.on('dryRun') }));
  const deadlineAt = result.deadlineAt.toISOString();
  const goesOn = `its deadline goes on: ${deadlineAt}; to move it: plumbline round set ${roundId} deadline=+1d --why TEXT`;
  const said = {
    paused: `${roundId} stands still: no calls, no leases; labels on leases in hand are still taken\n${goesOn}`,
    'would-pause': `would pause ${roundId}; ${goesOn}`,
    'already-paused': `${roundId} is paused already\n${goesOn}`,
  };
  call.output.record({ event: result.kind, roundId, deadlineAt }, said[result.kind]);
}

export async function resume(db: Db, call: Call): Promise<undefined> {
  const roundId = await resolveRoundId(db, call.args[0] ?? '');
  const why = call.value('why');
  const actor = await actingPerson(db, call, {
    action: 'round.resume',
    subject: roundId,
    roundId,
    roles: ['operator'],
  });
  const result = endedRefused(
    roundId,
    await resumeRound(db, { roundId, by: actor.id, why, dryRun: call.on('dryRun') }),
  );
  if (result.kind === 'not-paused') {
    call.output.record({ event: 'not-paused', roundId }, `${roundId} is not paused`);
    return;
  }
  if (result.kind === 'no-room') {
    const message = `round ${roundId} holds its calls: ${spentOf(result.spent)}`;
    throw new CommandError({ kind: 'budget', message, hint: raiseIt(roundId, result.spent) });
  }
  const deadlineAt = result.deadlineAt.toISOString();
  const done = result.kind === 'resumed' ? `${roundId} goes on` : `would resume ${roundId}`;
  call.output.record(
    { event: result.kind, roundId, deadlineAt, held: result.spent },
    `${done}; its deadline is ${deadlineAt}`,
  );
  if (!result.spent) return;
  call.output.note(`plumbline: it makes no calls: ${spentOf(result.spent)}; ${raiseIt(roundId, result.spent)}`);
}

/** The limits that are reached, or nearly. */
function spentOf({ spent, budget, currency }: SpentBudget): string {
  const money = budget.money === null ? [] : [`${spent.money} of ${budget.money}${currency ? ` ${currency}` : ''}`];
  const tokens = budget.tokens === null ? [] : [`${spent.tokens} of ${budget.tokens} tokens`];
  return `its budget leaves no room for another call, ${[...money, ...tokens].join(' and ')} are spent`;
}

function raiseIt(roundId: RoundId, { budget }: SpentBudget): string {
  return `raise it, and the round goes on: plumbline round set ${roundId} ${largerBudget(budget)} --why TEXT`;
}

type Live<Result extends PauseResult | ResumeResult> = Exclude<Result, { kind: 'ended' | 'unknown-round' }>;

function endedRefused<Result extends PauseResult | ResumeResult>(roundId: RoundId, result: Result): Live<Result>;
function endedRefused(roundId: RoundId, result: PauseResult | ResumeResult) {
  if (result.kind === 'unknown-round') throw unknownRound(roundId);
  if (result.kind !== 'ended') return result;
  const message = `round ${roundId} is ${result.status}: only a running round can be paused or resumed`;
  throw new CommandError({ kind: 'round-ended', message, hint: 'plumbline round list --status running' });
}

/** For the record. @throws CommandError for an empty one. */
export function reasonOf(call: Call, message: string): string {
  const why = (call.value('why') ?? '').trim();
  if (why !== '') return why;
  throw new CommandError({ kind: 'usage', message, hint: 'say it with --why', at: '--why' }, EXIT.wrongUsage);
}

export function unknownRound(roundId: RoundId): CommandError {
  return new CommandError({ kind: 'unknown-round', message: `round ${roundId} is gone` });
}
