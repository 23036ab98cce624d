/** Where a round stands, for people: its phases, then what holds it up. */
import type { RoundStanding } from '../../db/rounds/standing';
import { count } from '../output';
import type { RatesPerSecond } from './rates';

export interface Phase {
  name: string;
  done: number;
  of: number;
  /** Rate and what else is worth saying. */
  notes: string[];
}

export function headOf({ roundId, name, status, secondsToDeadline }: RoundStanding): string {
  const left = secondsToDeadline > 0 ? `${clock(secondsToDeadline)} to the deadline` : 'past the deadline';
  return `${roundId} ${name}: ${status}, ${left}`;
}

export function phasesOf({ items, labels, calls }: RoundStanding, rates: RatesPerSecond): Phase[] {
  const some = (n: number, what: string) => (n > 0 ? [`${n} ${what}`] : []);
  return [
    {
      name: 'generate',
      done: items.generated,
      of: items.total - items.failed,
      notes: [
        ...perSecond(rates.generated),
        ...some(calls.inFlight, 'in flight'),
        ...some(calls.retried, 'retried'),
        ...some(calls.rateLimited, 'times told to wait'),
        ...some(items.failed, 'failed'),
      ],
    },
    {
      name: 'label',
      done: labels.counted,
      of: labels.wanted,
      notes: [...perSecond(rates.labels), ...some(items.open, 'items open')],
    },
    {
      name: 'settle',
      done: items.settled + items.failed + items.unresolved,
      of: items.total,
      notes: [...perSecond(rates.ended), ...some(items.contested, 'contested, for a researcher')],
    },
  ];
}

const BAR = 24;

export function withBar({ name, done, of, notes }: Phase): string {
  const full = Math.floor((of > 0 ? Math.min(1, done / of) : 0) * BAR);
  const bar = '#'.repeat(full) + '.'.repeat(BAR - full);
  return `  ${name.padEnd(8)} [${bar}] ${[`${done}/${of}`, ...notes].join(', ')}`;
}

export function withoutBar({ name, done, of, notes }: Phase): string {
  return [`${name} ${done}/${of}`, ...notes].join(', ');
}

function perSecond(rate: number): string[] {
  return rate > 0 ? [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`] : [];
}

/** Messages that nobody takes for this long show that no relay runs. */
const UNDELIVERED_SECONDS = 15;

/** @param temporal what is wrong with Temporal, where that is known. */
export function troubles(standing: RoundStanding, temporal: string | undefined): string[] {
  const { undelivered, waitingAccounts, needsAttention, starved } = standing;
  const stuck = undelivered.oldestSeconds > UNDELIVERED_SECONDS;
  return [
    ...(needsAttention ? [`! needs attention: ${needsAttention}`] : []),
    ...(temporal ? [`! ${temporal}`] : []),
    ...(starved ? [`! nobody is left who may label ${count(starved, 'open item')}: invite somebody`] : []),
    ...(stuck
      ? [
          `! ${count(undelivered.waiting, 'message')} not delivered for ${clock(undelivered.oldestSeconds)}: does a worker run?`,
        ]
      : []),
    ...(undelivered.parked > 0
      ? [`! ${count(undelivered.parked, 'message')} cannot be delivered: see plumbline doctor`]
      : []),
    ...waitingAccounts.map(({ accountId, blocked, seconds }) =>
      blocked
        ? `! ${accountId} is blocked (${blocked}): see plumbline doctor`
        : `${accountId} waits, calls again in ${clock(seconds)}`,
    ),
  ];
}

/** 45 s is 0:45, 7:12 minutes, 3:05:00 hours; from two days on in days. */
function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 2 * 86_400) return `${Math.round(whole / 86_400)} days`;
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
