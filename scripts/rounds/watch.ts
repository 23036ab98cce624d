/** `round watch`: asks the database where the round stands until it has ended. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../../db/connection';
import { databaseIsAway } from '../../db/failures';
import { namesOf } from '../../db/people';
import { type RoundStanding, roundStanding } from '../../db/rounds/standing';
import type { PersonId, RoundId } from '../../domain/ids';
import { CommandError, EXIT } from '../failures';
import { count, type Output } from '../output';
import { hasEnded } from './needs';
import { Rates } from './rates';
import { ScheduleHealth } from './scheduleHealth';
import { Lines, Screen } from './screen';
import { TemporalHealth } from './temporalHealth';

const SHORTEST_MS = 500;
/** Asking takes at most a tenth of the time, however large the round. */
const SHARE = 10;

/** @returns the exit code: 0 when the round is done, 1 when it was cancelled or failed, 130 after Ctrl-C. */
export async function watchRound(db: Db, roundId: RoundId, output: Output): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const last = await follow(db, roundId, output, stopping.signal);
    return last ? end(last, output) : leave(roundId, output);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Shows where the round stands until it has ended. @returns how it ended; undefined where `signal` was aborted before. */
export async function follow(
  db: Db,
  roundId: RoundId,
  output: Output,
  signal: AbortSignal,
): Promise<RoundStanding | undefined> {
  const screen = output.json || !process.stdout.isTTY ? new Lines(output) : new Screen(process.stdout);
  const over = new AbortController();
  let asked: { temporal: TemporalHealth; schedules: ScheduleHealth } | undefined;
  const rates = new Rates();
  const names = new Map<PersonId, string>();
  let known: RoundStanding | undefined;
  try {
    for (;;) {
      const began = Date.now();
      const found = await standingOf(db, roundId, known);
      known = found.standing;
      if (screen instanceof Screen) await learnNames(db, known, names);
      const trouble = found.trouble ?? asked?.temporal.trouble();
      const beside = { temporal: trouble, schedules: asked?.schedules.troubles ?? [] };
      screen.show({ standing: known, rates: rates.of(known, began), beside, names });
      if (hasEnded(known.status)) return known;
      asked ??= askBeside(db, known, AbortSignal.any([signal, over.signal]));
      await pause(Math.max(SHORTEST_MS, SHARE * (Date.now() - began)), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
    }
  } finally {
    over.abort();
  }
}

/** What was known last holds while Postgres is away: it may be started again. */
async function standingOf(
  db: Db,
  roundId: RoundId,
  known: RoundStanding | undefined,
): Promise<{ standing: RoundStanding; trouble?: string }> {
  try {
    const standing = await roundStanding(db, roundId);
    if (!standing) throw new CommandError({ kind: 'unknown-round', message: `round ${roundId} is gone` });
    return { standing };
  } catch (error) {
    if (!known || !databaseIsAway(error)) throw error;
    return { standing: known, trouble: 'Postgres does not answer: waiting for it' };
  }
}

function askBeside(db: Db, { schedule }: RoundStanding, stopping: AbortSignal) {
  return { temporal: new TemporalHealth(stopping), schedules: new ScheduleHealth(db, schedule, stopping) };
}

/** Of those who are new; while Postgres is away, ids must do. */
async function learnNames(db: Db, { labellers, staff }: RoundStanding, names: Map<PersonId, string>): Promise<void> {
  const ids = [...labellers.atWork, ...staff.operator, ...staff.researcher, ...staff.admin].filter(
    (id) => !names.has(id),
  );
  const found = await namesOf(db, ids).catch(() => new Map<PersonId, string>());
  for (const [id, name] of found) names.set(id, name);
}

function end({ roundId, status, statusReason, items, parked, spending }: RoundStanding, output: Output): number {
  const reason = statusReason ? `: ${statusReason}` : '';
  const mendable = parked.items.some((one) => one.mendable) && status === 'done';
  const retry = mendable ? `; once what made them fail is mended: plumbline round retry ${roundId}` : '';
  const failed = items.failed > 0 ? [`${items.failed} of ${count(items.total, 'item')} failed${retry}`] : [];
  output.record(
    { event: 'done', roundId, status, statusReason, items, spending },
    [`${roundId} is ${status}${reason}`, ...failed, `see: plumbline round show ${roundId}`].join('\n'),
  );
  return status === 'done' ? EXIT.done : EXIT.failed;
}

function leave(roundId: RoundId, output: Output): number {
  output.note(`\nno longer watching; the round goes on. Again: plumbline round watch ${roundId}`);
  return EXIT.interrupted;
}
