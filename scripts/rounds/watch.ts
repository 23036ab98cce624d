/** `round watch`: asks the database where the round stands until it has ended. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../../db/connection';
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
  const screen = output.json || !process.stdout.isTTY ? new Lines(output) : new Screen();
  let temporal: TemporalHealth | undefined;
  const rates = new Rates();
  try {
    for (;;) {
      const began = Date.now();
      const standing = await roundStanding(db, roundId);
      if (!standing) throw new CommandError({ kind: 'unknown-round', message: `round ${roundId} is gone` });
      const phases = phasesOf(standing, rates.of(standing, began));
      const ended = hasEnded(standing);
      screen.show(standing, phases, ended ? [] : troubles(standing, temporal?.trouble()));
      if (ended) return end(standing, output);
      temporal ??= new TemporalHealth(stopping.signal);
      await pause(Math.max(SHORTEST_MS, SHARE * (Date.now() - began)), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
      if (stopping.signal.aborted) return leave(roundId, output);
    }
  } finally {
    stopping.abort();
    process.off('SIGINT', stop).off('SIGTERM', stop);
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
