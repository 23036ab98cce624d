/** `round retry`: failed items once more. */
import type { Db } from '../../db/connection';
import { resolveRoundId } from '../../db/rounds/list';
import { readRound } from '../../db/rounds/read';
import { type FailedItems, type RetryResult, retryItems } from '../../db/rounds/retry';
import type { RoundId } from '../../domain/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { didYouMean } from '../intake/suggestions';
import type { Call } from '../leaf';
import { count } from '../output';
import { environmentFileIsNewer } from '../supervisor/environmentFile';
import { unknownRound } from './pause';

export async function retry(db: Db, call: Call): Promise<undefined> {
  const roundId = await resolveRoundId(db, call.args[0] ?? '');
  const models = await meantModels(db, roundId, call.values('model'));
  const actor = await actingPerson(db, call, { action: 'round.retry', subject: roundId, roundId, roles: ['operator'] });
  const refused = call.on('all');
  const result = await retryItems(db, { roundId, by: actor.id, models, refused, dryRun: call.on('dryRun') });
  if (result.kind === 'unknown-round') throw unknownRound(roundId);
  if (result.kind === 'over') {
    const message = `round ${roundId} is ${result.status}: nothing is called for it any more`;
    throw new CommandError({ kind: 'round-ended', message, hint: 'start another one: plumbline round start' });
  }
  if (result.kind === 'late') {
    const message = `the deadline of round ${roundId} has passed: ${result.deadlineAt.toISOString()}`;
    const hint = `move it first: plumbline round set ${roundId} deadline=now+3d --why TEXT`;
    throw new CommandError({ kind: 'deadline-passed', message, hint });
  }
  const newer = environmentFileIsNewer();
  if (newer) call.output.note(`plumbline: .env ${newer.message}; ${newer.hint}`);
  const { kind, ...said } = result;
  call.output.record({ event: kind, roundId, ...said }, describe(roundId, result));
}

function describe(roundId: RoundId, { kind, items, failed, left, lifted, paused }: Retried): string {
  const would = kind === 'would-retry' ? 'would be ' : '';
  const refused = left.filter(({ code }) => code.startsWith('refused-'));
  return [
    items > 0
      ? `${count(items, 'item')} of ${roundId} ${would}tried again`
      : `no failed item of ${roundId} to try again`,
    ...failed.map(line),
    ...lifted.map((what) => `  ${what} ${would || 'is '}called again`),
    ...(left.length > 0 ? ['failed still:', ...left.map(line)] : []),
    ...(refused.length > 0 ? ['  a refused request is refused again; --all tries it all the same'] : []),
    ...(paused ? [`nothing is called while the round is paused: plumbline round resume ${roundId}`] : []),
  ].join('\n');
}

type Retried = Extract<RetryResult, { kind: 'retried' | 'would-retry' }>;

function line({ model, code, items }: FailedItems): string {
  return `  ${model}: ${items} ${code}`;
}

async function meantModels(db: Db, roundId: RoundId, given: readonly string[]): Promise<readonly string[]> {
  const names = (await readRound(db, roundId)).spec.models.map(({ id }) => id);
  const unknown = given.find((name) => !names.includes(name));
  if (unknown === undefined) return given;
  const message = `the round has no model ${unknown.slice(0, 100)}`;
  throw new CommandError(
    { kind: 'unknown-model', message, hint: didYouMean(unknown, names), at: '--model' },
    EXIT.wrongUsage,
  );
}
