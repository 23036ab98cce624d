/** `round watch`: asks the database where the round stands until it has ended. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../../db/connection';
import { databaseIsAway } from '../../db/failures';
import { type RoundStanding, roundStanding } from '../../db/rounds/standing';
import type { RoundId } from '../../domain/ids';
import { CommandError, EXIT } from '../failures';
import type { Output } from '../output';
import { Rates } from './rates';
import { headOf, type Phase, phasesOf, troubles, withBar, withoutBar } from './standing';
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
  const screen = output.json || !process.stdout.isTTY ? new Lines(output) : new Screen();
  const over = new AbortController();
  let temporal: TemporalHealth | undefined;
  const rates = new Rates();
  let known: RoundStanding | undefined;
  try {
    for (;;) {
      const began = Date.now();
      const found = await standingOf(db, roundId, known);
      known = found.standing;
      const ended = hasEnded(known);
      const held = ended ? [] : [...found.troubles, ...troubles(known, temporal?.trouble())];
      screen.show(known, phasesOf(known, rates.of(known, began)), held);
      if (ended) return known;
      temporal ??= new TemporalHealth(AbortSignal.any([signal, over.signal]));
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
): Promise<{ standing: RoundStanding; troubles: string[] }> {
  try {
    const standing = await roundStanding(db, roundId);
    if (!standing) throw new CommandError({ kind: 'unknown-round', message: `round ${roundId} is gone` });
    return { standing, troubles: [] };
  } catch (error) {
    if (!known || !databaseIsAway(error)) throw error;
    return { standing: known, troubles: ['! Postgres does not answer: waiting for it'] };
  }
}

function hasEnded({ status }: RoundStanding): boolean {
  return status === 'done' || status === 'cancelled' || status === 'failed';
}

function end({ roundId, status, statusReason, items }: RoundStanding, output: Output): number {
  const reason = statusReason ? `: ${statusReason}` : '';
  output.record(
    { event: 'done', roundId, status, statusReason, items },
    `${roundId} is ${status}${reason}\nsee: plumbline round show ${roundId}`,
  );
  return status === 'done' ? EXIT.done : EXIT.failed;
}

function leave(roundId: RoundId, output: Output): number {
  output.note(`\nno longer watching; the round goes on. Again: plumbline round watch ${roundId}`);
  return EXIT.interrupted;
}

/** Where there is no terminal: a line whenever something has changed. */
class Lines {
  private last = '';

  constructor(private readonly output: Output) {}

  show(standing: RoundStanding, phases: readonly Phase[], held: readonly string[]): void {
    const { secondsToDeadline: _, undelivered: __, waitingAccounts, ...counts } = standing;
    const blocked = waitingAccounts.map((account) => [account.accountId, account.blocked]);
    const state = JSON.stringify([counts, blocked, held.length]);
    if (state === this.last) return;
    this.last = state;
    const line = [headOf(standing), ...phases.map(withoutBar), ...held].join(' · ');
    this.output.record({ event: 'progress', ...standing }, line);
  }
}

/** In a terminal: the same lines, written over. */
class Screen {
  private height = 0;

  show(standing: RoundStanding, phases: readonly Phase[], held: readonly string[]): void {
    const lines = [headOf(standing), ...phases.map(withBar), ...held.map((line) => `  ${line}`)];
    // A terminal that does not say how wide it is says 0.
    const width = (process.stdout.columns || 80) - 1;
    const up = this.height > 0 ? `\u001b[${this.height}A` : '';
    process.stdout.write(`${up}${lines.map((line) => `\u001b[2K${line.slice(0, width)}\n`).join('')}\u001b[0J`);
    this.height = lines.length;
  }
}
