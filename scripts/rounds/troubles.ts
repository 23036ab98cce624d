/** All that holds a round up, for people to read: what waits for somebody, and what of the machinery stands still. */
import type { RoundStanding } from '../../db/rounds/standing';
import type { PersonId } from '../../domain/ids';
import { harmlessLine } from '../harmless';
import { count } from '../output';
import type { ScheduleTrouble } from '../schedules/troubles';
import { clock } from './clock';
import { hasEnded, needsOf } from './needs';

export interface Trouble {
  /** Whom it waits for. */
  who?: string;
  message: string;
  /** To be typed by whoever mends it. */
  command?: string;
}

/** What is known beside the database. */
export interface Beside {
  /** What is wrong with Temporal. */
  temporal?: string | undefined;
  schedules?: readonly ScheduleTrouble[];
}

export type Names = ReadonlyMap<PersonId, string>;

/** @param names of the people who may act: those who are left out are not named. */
export function troublesOf(standing: RoundStanding, { temporal, schedules = [] }: Beside, names: Names): Trouble[] {
  if (hasEnded(standing.status)) return [];
  const needs = needsOf(standing).map(({ role, people, message, command }) => ({
    who: whoOf(role, people, names),
    message,
    command,
  }));
  return [...machinery(standing, temporal), ...schedulesOf(schedules), ...needs];
}

/** The same, each in a line, without names. */
export function troubles(standing: RoundStanding, temporal: string | undefined): string[] {
  return troublesOf(standing, { temporal }, new Map()).map(inLine);
}

export function inLine({ who, message, command }: Trouble): string {
  return [who ? `! for ${who}` : '', who ? message : `! ${message}`, command ?? ''].filter(Boolean).join(': ');
}

const NAMED = 4;

function whoOf(role: string, people: readonly PersonId[], names: Names): string {
  if (people.length === 0) return `${article(role)}, and there is none (plumbline person add NAME --role ${role})`;
  const known = people.flatMap((id) => names.get(id) ?? []).map(harmlessLine);
  if (known.length === 0) return article(role);
  const more = known.length > NAMED ? ', …' : '';
  return `${article(role)} (${known.slice(0, NAMED).join(', ')}${more})`;
}

function article(role: string): string {
  return role === 'researcher' ? 'a researcher' : `an ${role}`;
}

/** Messages that nobody takes for this long show that no relay runs. */
const UNDELIVERED_SECONDS = 15;

function machinery({ undelivered, needsAttention }: RoundStanding, temporal: string | undefined): Trouble[] {
  const { waiting, parked, oldestSeconds } = undelivered;
  const stuck = `${count(waiting, 'message')} not delivered for ${clock(oldestSeconds)}: does a worker run?`;
  return [
    ...(needsAttention ?? '')
      .split('; ')
      .filter((mark) => mark !== '' && !isNeed(mark))
      .map((mark) => ({ message: `needs attention: ${mark}` })),
    ...(temporal ? [{ message: temporal }] : []),
    ...(oldestSeconds > UNDELIVERED_SECONDS ? [{ message: stuck }] : []),
    ...(parked > 0
      ? [{ message: `${count(parked, 'message')} cannot be delivered`, command: 'plumbline doctor' }]
      : []),
  ];
}

/** What the round's needs say already, with what to do. */
function isNeed(mark: string): boolean {
  return /^(?:the budget is reached|model .* is parked:|account .* is blocked:)/.test(mark);
}

const SCHEDULES = 3;

function schedulesOf(schedules: readonly ScheduleTrouble[]): Trouble[] {
  const rest = schedules.length - SCHEDULES;
  return [
    ...schedules
      .slice(0, SCHEDULES)
      .map(({ name, message, hint }) => ({ message: `schedule ${name} ${harmlessLine(message)}; ${hint}` })),
    ...(rest > 0
      ? [{ message: `${count(rest, 'more schedule')} paused or failing`, command: 'plumbline schedule list' }]
      : []),
  ];
}
