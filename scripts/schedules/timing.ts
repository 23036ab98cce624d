/** When a schedule's rounds start, as the flags say it: everything that is wrong with them at once. */

import { type Problem, refuseIfAny } from '../../domain/problems';
import { knownZone, nextTimes, readCron, shortestGap } from '../../domain/recurrence';
import { OVERLAPS, type Recurrence, type Timing } from '../../domain/schedules';
import { parseDuration, writeDuration } from '../intake/durations';
import { didYouMean, nearest } from '../intake/suggestions';
import type { Call } from '../leaf';

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MS = 86_400_000;
/** Temporal raises a shorter window to this. */
const SHORTEST_CATCH_UP = 10_000;
const LONGEST = 10 * 366 * DAY_MS;

/** @throws ProblemsError */
export function readTiming(call: Call, now: Date): Timing {
  const problems: Problem[] = [];
  const wrong = (at: string, message: string, hint?: string) => {
    problems.push({ kind: 'schedule', message, at, ...(hint && { hint }) });
    return undefined;
  };
  const startAt = momentOf(call.value('start'), '--start', wrong);
  const timing: Timing = {
    recurrence: recurrenceOf(call, startAt ?? now, wrong) ?? { everyMs: DAY_MS, from: now.toISOString() },
    timeZone: zoneOf(call.value('timeZone') ?? 'UTC', wrong),
    startAt: startAt?.toISOString() ?? null,
    jitterMs: durationOf(call.value('jitter'), '--jitter', 0, 0, wrong),
    overlap: OVERLAPS.find((one) => one === call.value('overlap')) ?? 'skip',
    catchUpMs: durationOf(call.value('catchUp'), '--catch-up', DAY_MS, SHORTEST_CATCH_UP, wrong),
    pauseOnFailure: call.on('pauseOnFailure'),
  };
  refuseIfAny(problems);
  refuseIfAny(timesProblems(timing, now, flagOf(call)));
  return timing;
}

type Wrong = (at: string, message: string, hint?: string) => undefined;

const HOW = '--cron "0 9 * * 1", --every 7d, or --at "mon 09:00"';

function flagOf(call: Call): string {
  return call.value('cron') !== undefined ? '--cron' : call.value('at') !== undefined ? '--at' : '--every';
}

function recurrenceOf(call: Call, from: Date, wrong: Wrong): Recurrence | undefined {
  const [cron, every, at] = [call.value('cron'), call.value('every'), call.value('at')];
  const given = [cron, every, at].filter((one) => one !== undefined);
  if (given.length !== 1) {
    const message = given.length === 0 ? 'when it is to run is not said' : 'says more than once when it is to run';
    return wrong('schedule create', message, `one of ${HOW}`);
  }
  if (cron !== undefined) return cronOf(cron, wrong);
  return at !== undefined ? timeOfDay(at, wrong) : interval(every ?? '', from, wrong);
}

function cronOf(text: string, wrong: Wrong): Recurrence | undefined {
  if (/^\s*@every\b/.test(text)) return wrong('--cron', 'an interval has a flag of its own', 'such as --every 7d');
  const read = readCron(text);
  if ('wrong' in read) return wrong('--cron', read.wrong, 'such as --cron "0 9 * * 1", Mondays at nine');
  return { cron: text.trim().split(/\s+/).join(' ') };
}

/** `mon 09:00`, `mon,thu 09:00`, `09:00`: a cron in words. */
function timeOfDay(text: string, wrong: Wrong): Recurrence | undefined {
  const hint = 'such as --at "mon 09:00", --at "mon,thu 18:30" or --at "09:00"';
  const [, days, hour, minute] = /^(?:([a-z,]+)\s+)?(\d{1,2}):(\d\d)$/i.exec(text.trim()) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) {
    return wrong('--at', 'must be a time of day, with weekdays before it or without', hint);
  }
  const named = days?.toLowerCase().split(',') ?? [];
  const unknown = named.find((day) => weekday(day) < 0);
  if (unknown !== undefined)
    return wrong('--at', `${unknown || 'nothing'} is no weekday`, didYouMean(unknown, WEEKDAYS));
  return { cron: `${Number(minute)} ${Number(hour)} * * ${days ? named.map(weekday).join(',') : '*'}` };
}

/** Also written out: `monday`. */
function weekday(word: string): number {
  return word.length < 3 ? -1 : WEEKDAYS.findIndex((day) => FULL[day]?.startsWith(word));
}

const FULL: Record<string, string> = {
  sun: 'sunday',
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
};

function interval(text: string, from: Date, wrong: Wrong): Recurrence | undefined {
  const everyMs = parseDuration(text);
  if (everyMs === undefined || everyMs < 1_000 || everyMs % 1_000 !== 0 || everyMs > LONGEST) {
    return wrong('--every', 'must be a time from a second to ten years, in whole seconds', 'such as --every 7d');
  }
  const seconds = new Date(Math.floor(+from / 1_000) * 1_000);
  return { everyMs, from: seconds.toISOString() };
}

function zoneOf(name: string, wrong: Wrong): string {
  const known = knownZone(name);
  if (known !== undefined) return known;
  const meant = nearest(name, Intl.supportedValuesOf('timeZone'));
  const hint = meant ? `did you mean ${meant}?` : 'a name such as Europe/Berlin, America/New_York or UTC';
  wrong('--time-zone', `there is no time zone ${name.slice(0, 60)}`, hint);
  return 'UTC';
}

function durationOf(text: string | undefined, at: string, otherwise: number, least: number, wrong: Wrong): number {
  if (text === undefined) return otherwise;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= least && ms <= LONGEST) return ms;
  wrong(at, `must be a time${least > 0 ? ` of ${writeDuration(least)} or more` : ''}`, `such as ${at} 10m`);
  return otherwise;
}

/** ISO 8601 with an offset or Z; a day alone begins in UTC. */
const MOMENT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i;

export function momentOf(text: string | undefined, at: string, wrong: Wrong): Date | undefined {
  if (text === undefined) return undefined;
  const moment = MOMENT.test(text) ? new Date(text.replace(' ', 'T')) : undefined;
  if (moment && !Number.isNaN(+moment)) return moment;
  return wrong(at, 'must be a moment', 'such as 2026-12-01, 2026-12-01T09:00Z or 2026-12-01T09:00+01:00');
}

function timesProblems(timing: Timing, now: Date, at: string): Problem[] {
  const [first] = nextTimes(timing, now, 1);
  if (!first) {
    const since = timing.startAt === null ? '' : ` from ${timing.startAt} on`;
    return [{ kind: 'never', message: `names no moment that ever comes${since}`, hint: HOW, at }];
  }
  const gap = shortestGap(timing, now);
  if (timing.jitterMs === 0 || timing.jitterMs < gap) return [];
  const message = `must be shorter than the ${writeDuration(gap)} between two runs`;
  return [{ kind: 'schedule', message, hint: 'runs would be put off beyond the next', at: '--jitter' }];
}

/** As people read it: `0 9 * * 1 (Europe/Berlin)`. */
export function describeTiming({ recurrence, timeZone, startAt, jitterMs }: Timing): string {
  const when =
    'cron' in recurrence ? `cron ${recurrence.cron} (${timeZone})` : `every ${writeDuration(recurrence.everyMs)}`;
  return [
    when,
    ...(startAt === null ? [] : [`from ${startAt}`]),
    ...(jitterMs > 0 ? [`put off by up to ${writeDuration(jitterMs)}`] : []),
  ].join(', ');
}

/** A moment as clocks of the zone show it: `Mon 2026-11-23 09:00 CET`. */
export function localTime(moment: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const seconds = part('second') === '00' ? '' : `:${part('second')}`;
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}${seconds} ${part('timeZoneName')}`;
}
