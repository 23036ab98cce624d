/** Where a round stands, for people: its phases, what they cost, and the accounts they go through. */
import type { AccountStanding } from '../../db/rounds/accounts';
import type { RoundStanding } from '../../db/rounds/standing';
import {
  budgetShare,
  forecastInWords,
  moneyInWords,
  spentInWords,
  tokensInWords,
  unpricedInWords,
} from '../costs/words';
import { harmlessLine } from '../harmless';
import { count } from '../output';
import { clock } from './clock';
import { hasEnded } from './needs';
import { type RatesPerSecond, type SecondsLeft, secondsLeft } from './rates';

export interface Phase {
  name: string;
  /** Of what there is to do, 0 to 1; null where there is no such thing. */
  share: number | null;
  /** Such as 12/40. */
  amount: string;
  /** Rate and what else is worth saying. */
  notes: string[];
}

export function headOf({ roundId, name, status, simulated, secondsToDeadline }: RoundStanding): string {
  const left = secondsToDeadline > 0 ? `, ${clock(secondsToDeadline)} to the deadline` : ', past the deadline';
  return `${roundId} ${harmlessLine(name)}: ${status}${hasEnded(status) ? '' : left}${simulated ? ', SIMULATED' : ''}`;
}

export function phasesOf(standing: RoundStanding, rates: RatesPerSecond): Phase[] {
  const { items, labels, calls, pause } = standing;
  const left = secondsLeft(standing, rates);
  const calling = !pause && !hasEnded(standing.status);
  const labelling = (pause?.labelling ?? true) && !hasEnded(standing.status);
  const some = (n: number, what: string) => (n > 0 ? [`${n} ${what}`] : []);
  return [
    phase('generate', items.generated, items.total - items.failed, [
      ...(calling ? pace(rates.generated, left.generate) : []),
      ...some(calls.inFlight, 'in flight'),
      ...some(calls.retrying, 'of them again'),
      ...some(calls.retried, 'retried'),
      ...some(calls.rateLimited, calls.rateLimited === 1 ? 'time told to wait' : 'times told to wait'),
      ...some(items.failed, 'failed'),
    ]),
    phase('label', labels.counted, labels.wanted, [
      ...(labelling ? pace(rates.labels, left.label) : []),
      ...some(items.open, 'items open'),
      ...(hasEnded(standing.status) ? [] : some(standing.labellers.atWork.length, 'at work')),
    ]),
    phase('settle', items.settled + items.failed + items.unresolved, items.total, [
      ...(labelling ? pace(rates.ended, left.settle) : []),
      ...some(items.contested, 'contested, for a researcher'),
    ]),
    ...spendOf(standing),
  ];
}

function phase(name: string, done: number, of: number, notes: string[]): Phase {
  return { name, share: of > 0 ? Math.min(1, done / of) : 0, amount: `${done}/${of}`, notes };
}

/** Nothing where nothing is called. */
function spendOf({ spending }: RoundStanding): Phase[] {
  const { calls, currency, forecast } = spending;
  if (calls.tokens === 0 && !forecast && spending.unpriced.length === 0 && calls.money === null) return [];
  const { money, tokens } = calls.inFlight;
  const flying = money === null ? tokensInWords(tokens) : moneyInWords(money, currency);
  return [
    {
      name: 'spent',
      share: budgetShare(spending),
      amount: spentInWords(spending),
      notes: [
        ...(tokens > 0 ? [`up to ${flying} in flight`] : []),
        forecastInWords(spending) ?? '',
        unpricedInWords(spending) ?? '',
      ].filter((note) => note !== ''),
    },
  ];
}

/** A rate, and how long the rest takes at it: said only while something is left. */
function pace(rate: number, left: SecondsLeft[keyof SecondsLeft]): string[] {
  return left === null ? [] : [perTime(rate), `${clock(left)} left`];
}

function perTime(rate: number): string {
  const each = (n: number, unit: string) => `${n < 10 ? n.toFixed(1) : Math.round(n)}/${unit}`;
  if (rate >= 1) return each(rate, 's');
  return rate * 60 >= 1 ? each(rate * 60, 'min') : each(rate * 3_600, 'h');
}

export function withoutBar({ name, amount, notes }: Phase): string {
  return [`${name} ${amount}`, ...notes].join(', ');
}

/** Accounts that work, or wait; those that are blocked need a person. */
export function accountLines({ accounts, status }: RoundStanding): { name: string; text: string }[] {
  if (hasEnded(status)) return [];
  return accounts
    .filter(({ blocked, inUse, waitSeconds, cutAt }) => !blocked && (inUse > 0 || waitSeconds > 0 || cutAt))
    .map((account) => ({ name: account.name, text: accountInWords(account) }));
}

export function accountInWords({ allowed, concurrency, inUse, waitSeconds, heldCode, cutAt }: AccountStanding): string {
  const after = heldCode ? ` after ${refusalInWords(heldCode)}` : '';
  return [
    ...(waitSeconds > 0 ? [`waiting ${clock(waitSeconds)}${after}`] : []),
    inUse > allowed
      ? `${count(allowed, 'call')} at once, ${inUse} still in flight`
      : `${inUse} of ${count(allowed, 'call')} at once`,
    ...(cutAt && allowed < concurrency ? [`cut from ${concurrency} after a 429`] : []),
  ].join(', ');
}

function refusalInWords(code: string): string {
  return code.startsWith('http-') ? `a ${code.slice('http-'.length)}` : code;
}
