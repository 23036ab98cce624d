/**
 * The times that a schedule names, as Temporal finds them: day of month and day of week must both fit, and an hour that a
 * change of clocks leaves out has no run. One that comes twice has two here, where Temporal (1.29) may leave one out or
 * put it off by an hour: what it says itself goes before.
 */
import { Cron } from 'croner';
import type { Recurrence, Timing } from './schedules';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Temporal looks no further. */
const LAST = Date.UTC(2100, 11, 31);
/** Clocks change on a quarter of an hour. */
const QUARTER_MS = 900_000;
/** Clocks never change by more at once. */
const LONGEST_REPEAT = 3 * HOUR_MS;

const SHORT: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export type ReadCron = { fields: string } | { wrong: string };

/** A cron in five fields of numbers: what both Temporal and we understand alike. */
export function readCron(text: string): ReadCron {
  const written = text.trim().toLowerCase().split(/\s+/).join(' ');
  const parts = (SHORT[written] ?? written).split(' ');
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts;
  if (parts.length !== 5) {
    return { wrong: 'must be five fields (minute, hour, day of month, month, day of week), or @daily and the like' };
  }
  const numbers = [minute, hour, day, namesToNumbers(month, MONTHS, 1), namesToNumbers(weekday, DAYS, 0)];
  const odd = numbers.find((field) => !/^[\d*,/-]+$/.test(field));
  if (odd !== undefined) return { wrong: `has ${odd.slice(0, 40)}, and fields are made of numbers, * , - and /` };
  const fields = numbers.join(' ');
  try {
    cronOf(fields);
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'it cannot be read';
    return { wrong: `is no cron: ${said.slice(0, 120)}` };
  }
  return { fields };
}

function namesToNumbers(field: string, names: readonly string[], first: number): string {
  // A week that ends with a Sunday ends with its seventh day.
  return field
    .replace(/-sun\b/g, '-7')
    .replace(/[a-z]+/g, (word) => (names.includes(word) ? String(names.indexOf(word) + first) : word));
}

function cronOf(fields: string): Cron {
  return new Cron(fields, { utcOffset: 0, mode: '5-part', domAndDow: true });
}

/** @throws TypeError for a cron that was not read before. */
export function cronFields(cron: string): string {
  const read = readCron(cron);
  if ('wrong' in read) throw new TypeError(`a cron that ${read.wrong}`);
  return read.fields;
}

/** The name as time zone databases write it; undefined where there is none of that name. */
export function knownZone(name: string): string | undefined {
  if (!/^[a-z]/i.test(name)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch {
    return undefined;
  }
}

/** All times after a moment, in order; without jitter. */
export function* timesAfter(timing: Timing, after: Date): Generator<Date> {
  const earliest = timing.startAt === null ? after : new Date(Math.max(+after, +new Date(timing.startAt) - 1));
  const all = 'cron' in timing.recurrence ? cronTimes(timing, earliest) : intervalTimes(timing.recurrence, earliest);
  for (const time of all) if (+time > +earliest) yield time;
}

/** The next `count` times, fewer where there are no more. */
export function nextTimes(timing: Timing, after: Date, count: number): Date[] {
  const found: Date[] = [];
  for (const time of timesAfter(timing, after)) {
    if (found.push(time) >= count) break;
  }
  return found;
}

/** How many times lie between two moments, both included; counts no further than `most`. */
export function countTimes(timing: Timing, from: Date, to: Date, most: number): number {
  let found = 0;
  for (const time of timesAfter(timing, new Date(+from - 1))) {
    if (+time > +to || found >= most) break;
    found += 1;
  }
  return found;
}

/** The shortest time between two runs, over those that come next. */
export function shortestGap(timing: Timing, after: Date): number {
  if ('everyMs' in timing.recurrence) return timing.recurrence.everyMs;
  const times = nextTimes(timing, after, 200).map(Number);
  return Math.min(...times.slice(1).map((time, i) => time - (times[i] ?? 0)));
}

function* intervalTimes({ everyMs, from }: Extract<Recurrence, { everyMs: number }>, after: Date): Generator<Date> {
  const anchor = +new Date(from);
  for (let n = Math.floor((+after - anchor) / everyMs) + 1; ; n += 1) {
    const time = anchor + n * everyMs;
    if (time > LAST) return;
    yield new Date(time);
  }
}

/** Found as times of day first, then as the moments at which the zone's clocks show them. */
function* cronTimes({ recurrence, timeZone }: Timing, after: Date): Generator<Date> {
  if (!('cron' in recurrence)) return;
  const cron = cronOf(cronFields(recurrence.cron));
  const clocks = new Clocks(timeZone);
  let held: number[] = [];
  let shown = cron.nextRun(new Date(clocks.shownAt(+after) - LONGEST_REPEAT));
  while (shown && +shown <= LAST) {
    const moments = clocks.momentsShowing(+shown);
    const settled = clocks.about(+shown) - LONGEST_REPEAT;
    held = [...held, ...moments].sort((a, b) => a - b);
    while (held[0] !== undefined && held[0] <= settled) yield new Date(held.shift() ?? 0);
    shown = cron.nextRun(shown);
  }
  for (const moment of held) yield new Date(moment);
}

/** The clocks of a time zone. What they show is written as the moment at which clocks in UTC show the same. */
class Clocks {
  private readonly format: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number>();

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** None where the clocks leave the time out, two where they show it twice. */
  momentsShowing(shown: number): number[] {
    const offsets = new Set([this.offsetAt(shown - DAY_MS), this.offsetAt(shown + DAY_MS)]);
    return [...offsets].map((offset) => shown - offset).filter((moment) => moment + this.offsetAt(moment) === shown);
  }

  shownAt(moment: number): number {
    return moment + this.offsetAt(moment);
  }

  /** To the hour or two that a change of clocks makes. */
  about(shown: number): number {
    return shown - this.offsetAt(shown);
  }

  private offsetAt(moment: number): number {
    const quarter = Math.floor(moment / QUARTER_MS) * QUARTER_MS;
    const known = this.offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = this.offsetFound(quarter);
    this.offsets.set(quarter, offset);
    return offset;
  }

  private offsetFound(moment: number): number {
    const parts = new Map(this.format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return shown - moment;
  }
}
