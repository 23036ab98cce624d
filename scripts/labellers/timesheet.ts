/** `labeller timesheet`: what was done by the day, and what it is paid. */
import type { Db } from '../../db/connection';
import { timesheetOf, totalOf, type Work, type WorkDay } from '../../db/people/timesheet';
import { resolveRoundId } from '../../db/rounds/list';
import { CommandError, EXIT } from '../failures';
import { harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { table } from '../output';
import { type Cell, csvLines } from '../report/csv';
import { writableTarget, writeWhole } from '../report/target';
import { knownLabeller } from './find';

export async function timesheet(db: Db, call: Call): Promise<undefined> {
  const [sought] = call.args;
  const csv = call.value('csv');
  const target = csv === undefined ? undefined : writableTarget(csv, '--csv');
  const [from, to] = [dayOf(call, 'from'), dayOf(call, 'to')];
  if (from !== undefined && to !== undefined && to < from) throw wrong('--to', 'comes before --from', 'exchange them');
  const labeller = sought === undefined ? undefined : await knownLabeller(db, sought);
  const round = call.value('round');
  const roundId = round === undefined ? undefined : await resolveRoundId(db, round);
  const days = await timesheetOf(db, { labellerId: labeller?.id, roundId, from, to });
  if (target !== undefined) writeWhole(target, csvOf(days), '--csv');
  const totals = [...Map.groupBy(days, ({ labellerId }) => labellerId)].map(([labellerId, own]) => ({
    kind: 'labeller',
    labellerId,
    name: own[0]?.name ?? '',
    ...totalOf(own),
  }));
  const records = [...days.map((day) => ({ kind: 'day', ...day })), ...totals, { kind: 'total', ...totalOf(days) }];
  call.output.records(records, days.length > 0 ? inWords(days, totals) : 'nobody worked then');
}

const HEADINGS = ['labeller', 'day (UTC)', 'labelled', 'skipped', 'withdrawn', 'hours', 'pay'];

function inWords(days: readonly WorkDay[], totals: readonly (Work & { name: string })[]): string {
  const rows = days.map((one) => cellsOf(one.name, one.day, one));
  const sums = totals.map((one) => cellsOf(one.name, 'all days', one));
  const all = totals.length > 1 ? [cellsOf('all', 'all days', totalOf(days))] : [];
  return table(HEADINGS, [...rows, ...sums, ...all]);
}

function cellsOf(name: string, day: string, { labelled, skipped, withdrawn, seconds, pay }: Work): string[] {
  const money = Object.entries(pay)
    .sort()
    .map(([currency, sum]) => `${sum.toFixed(2)} ${currency}`);
  const counts = [labelled, skipped, withdrawn].map(String);
  return [harmlessLine(name), day, ...counts, (seconds / 3_600).toFixed(2), money.join(' + ')];
}

/** A row for each labeller and day. */
function csvOf(days: readonly WorkDay[]): string {
  const currencies = [...new Set(days.flatMap(({ pay }) => Object.keys(pay)))].sort();
  const headings = ['labeller_id', 'name', 'day', 'labelled', 'skipped', 'withdrawn', 'seconds', 'hours'];
  const rows = days.map(({ labellerId, name, day, labelled, skipped, withdrawn, seconds, pay }): Cell[] => [
    ...[labellerId, name, day, labelled, skipped, withdrawn],
    ...[Math.round(seconds * 1_000) / 1_000, (seconds / 3_600).toFixed(4)],
    ...currencies.map((currency) => pay[currency]?.toFixed(2) ?? null),
  ]);
  return csvLines([[...headings, ...currencies.map((one) => `pay_${one.toLowerCase()}`)], ...rows]);
}

function dayOf(call: Call, name: 'from' | 'to'): string | undefined {
  const given = call.value(name);
  if (given === undefined) return undefined;
  const at = new Date(`${given}T00:00:00Z`);
  const real = /^\d{4}-\d\d-\d\d$/.test(given) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(given);
  if (!real) throw wrong(`--${name}`, `${given.slice(0, 30)} is no day`, 'write it as 2026-03-01');
  return given;
}

function wrong(at: string, message: string, hint: string): CommandError {
  return new CommandError({ kind: 'usage', message, hint, at }, EXIT.wrongUsage);
}
