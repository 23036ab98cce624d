/** `round list`: which rounds there are. */
import type { Db } from '../../db/connection';
import { listRounds, type RoundSummary } from '../../db/rounds/list';
import { SHOWN_STATUSES } from '../../domain/pausing';
import { CommandError, EXIT } from '../failures';
import { didYouMean } from '../intake/suggestions';
import type { Call } from '../leaf';
import { table } from '../output';

export async function list(db: Db, call: Call): Promise<undefined> {
  const rounds = await listRounds(db, {
    limit: limitOf(call),
    status: statusOf(call),
    schedule: call.value('schedule'),
  });
  const scheduled = rounds.some(({ schedule }) => schedule !== null);
  const headings = ['round', 'name', 'status', 'items', 'started (UTC)', 'by', ...(scheduled ? ['schedule'] : [])];
  const rows = rounds.map((round) => rowOf(round, scheduled));
  call.output.records(rounds, rows.length > 0 ? table([...headings, 'needs attention'], rows) : 'no such rounds yet');
}

function rowOf(round: RoundSummary, scheduled: boolean): string[] {
  const { roundId, name, status, pausedBy, items, createdAt, startedBy, schedule, needsAttention } = round;
  const started = createdAt.slice(0, 16).replace('T', ' ');
  const shown = pausedBy === null ? status : `${status} (${pausedBy})`;
  const row = [roundId, name, shown, String(items), started, startedBy];
  return [...row, ...(scheduled ? [schedule ?? ''] : []), needsAttention ?? ''];
}

function limitOf(call: Call): number {
  const limit = Number(call.value('limit'));
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit;
  throw wrong('takes a whole number from 1 to 100000', '--limit');
}

function statusOf(call: Call) {
  const given = call.value('status');
  const known = SHOWN_STATUSES.find((status) => status === given);
  if (given === undefined || known) return known;
  throw wrong(`no round is ever ${given.slice(0, 40)}`, '--status', didYouMean(given, SHOWN_STATUSES));
}

function wrong(message: string, at: string, hint?: string): CommandError {
  return new CommandError({ kind: 'usage', message, at, ...(hint && { hint }) }, EXIT.wrongUsage);
}
