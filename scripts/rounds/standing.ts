/** Where a round stands, in lines: a phase on each, then what holds it up. */
import type { RoundStanding } from '../../db/rounds/standing';
import type { RatesPerSecond } from './rates';

export function describeStanding(standing: RoundStanding, rates: RatesPerSecond): string[] {
  const { items, labels, calls } = standing;
  const toGenerate = items.total - items.failed;
  const ended = items.settled + items.failed + items.unresolved;
  const notes = [
    calls.inFlight > 0 ? `${calls.inFlight} calls in flight` : '',
    calls.retried > 0 ? `${calls.retried} retried` : '',
    calls.rateLimited > 0 ? `${calls.rateLimited} times told to wait` : '',
    items.failed > 0 ? `${items.failed} failed` : '',
  ].filter(Boolean);
  return [
    `${standing.roundId} ${standing.name}: ${standing.status}, ${timeLeft(standing.secondsToDeadline)}`,
    phase('generate', items.generated, toGenerate, rates.generated, notes),
    phase('label', labels.counted, labels.wanted, rates.labels, [`${items.open} items open`]),
    phase('settle', ended, items.total, rates.ended, items.contested > 0 ? [`${items.contested} contested`] : []),
  ];
}

/** Messages that nobody takes for this long show that no relay runs. */
const UNDELIVERED_SECONDS = 15;

/** @param temporal what is wrong with Temporal, where that is known. */
export function troubles(standing: RoundStanding, temporal: string | undefined): string[] {
  const { undelivered, waitingAccounts, needsAttention } = standing;
  const stuck = undelivered.oldestSeconds > UNDELIVERED_SECONDS;
  return [
    ...(needsAttention ? [`! needs attention: ${needsAttention}`] : []),
    ...(temporal ? [`! ${temporal}`] : []),
    ...(stuck
      ? [`! ${undelivered.waiting} messages wait for ${clock(undelivered.oldestSeconds)}: does a worker run?`]
      : []),
    ...(undelivered.parked > 0 ? [`! ${undelivered.parked} messages cannot be delivered: see plumbline doctor`] : []),
    ...waitingAccounts.map(({ accountId, blocked, seconds }) =>
      blocked ? `! ${accountId} is blocked: ${blocked}` : `  ${accountId} waits, calls again in ${clock(seconds)}`,
    ),
  ];
}

const BAR = 24;

function phase(name: string, done: number, of: number, perSecond: number, notes: readonly string[]): string {
  const share = of > 0 ? Math.min(1, done / of) : 0;
  const full = Math.floor(share * BAR);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
  const rate = perSecond > 0 ? [`${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`] : [];
  return `  ${name.padEnd(8)} ${bar} ${[`${done}/${of}`, ...rate, ...notes].join(', ')}`;
}

function timeLeft(seconds: number): string {
  return seconds > 0 ? `${clock(seconds)} to the deadline` : 'past the deadline';
}

/** 45 s is 0:45, 7:12 minutes, 3:05:00 hours; from two days on in days. */
function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 2 * 86_400) return `${Math.floor(whole / 86_400)} days`;
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
