/** What labellers did and what they are paid for it, by the day. */
import { type SQL, sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import { USUAL_CURRENCY } from '../../domain/money';
import type { RunSettings } from '../../domain/spec';
import { payOf, toCents, wageOf } from '../../domain/wages';
import type { Tx } from '../connection';
import { type Joined, type WorkedTime, workedTimes } from './worked';

export interface TimesheetQuery {
  labellerId?: PersonId | undefined;
  roundId?: RoundId | undefined;
  /** Days, UTC, such as `2026-03-01`: the first and the last. */
  from?: string | undefined;
  to?: string | undefined;
}
export interface Work {
  /** Labels given, without those that they took back themselves. */
  labelled: number;
  skipped: number;
  /** Labels of that day that somebody withdrew since: they are paid all the same. */
  withdrawn: number;
  seconds: number;
  /** By currency; rounds that say no wages are not in it. */
  pay: Record<string, number>;
}
export interface WorkDay extends Work {
  labellerId: PersonId;
  name: string;
  day: string;
}

/** By name, then day; days without work are left out. */
export async function timesheetOf(tx: Tx, query: TimesheetQuery): Promise<WorkDay[]> {
  const joined = await joinedRounds(tx, query);
  const counts = await countedWork(tx, joined);
  const times = await workedTimes(tx, joined);
  const days = new Map<string, WorkDay>();
  const wanted = <Row extends Pick<WorkedTime, 'day' | 'roundId'>>(rows: readonly Row[]) => rows.filter(within(query));
  const known = new Map(joined.map((one) => [`${one.labellerId} ${one.roundId}`, one]));
  const at = ({ labellerId, roundId, day }: Pick<WorkedTime, 'labellerId' | 'roundId' | 'day'>) => {
    const one = known.get(`${labellerId} ${roundId}`);
    if (!one) throw new Error('work in a round that was not asked about');
    const key = `${labellerId} ${day}`;
    const sheet = days.get(key) ?? { labellerId, name: one.name, day, ...noWork() };
    days.set(key, sheet);
    return { one, sheet };
  };
  for (const { labelled, skipped, withdrawn, ...row } of wanted(counts)) {
    const { sheet } = at(row);
    sheet.labelled += labelled;
    sheet.skipped += skipped;
    sheet.withdrawn += withdrawn;
  }
  for (const row of wanted(times)) {
    const { one, sheet } = at(row);
    sheet.seconds += row.seconds;
    if (one.perHour !== null) addPay(sheet.pay, { [one.currency]: payOf(row.seconds, one.perHour) });
  }
  return [...days.values()].sort((a, b) => order(a, b));
}

/** The sum of what is paid out by the day, to the cent. */
export function totalOf(days: readonly Work[]): Work {
  const total = noWork();
  for (const { labelled, skipped, withdrawn, seconds, pay } of days) {
    total.labelled += labelled;
    total.skipped += skipped;
    total.withdrawn += withdrawn;
    total.seconds += seconds;
    addPay(total.pay, pay);
  }
  return total;
}

/** How long a labeller worked, over all rounds. */
export async function secondsWorked(tx: Tx, labellerId: PersonId): Promise<number> {
  return totalOf(await timesheetOf(tx, { labellerId })).seconds;
}

function noWork(): Work {
  return { labelled: 0, skipped: 0, withdrawn: 0, seconds: 0, pay: {} };
}

function addPay(sum: Record<string, number>, more: Record<string, number>): void {
  for (const [currency, money] of Object.entries(more)) sum[currency] = toCents((sum[currency] ?? 0) + money);
}

function order(a: WorkDay, b: WorkDay): number {
  const [left, right] = [
    [a.name, a.labellerId, a.day],
    [b.name, b.labellerId, b.day],
  ];
  const i = left.findIndex((each, at) => each !== right[at]);
  return i < 0 ? 0 : (left[i] ?? '') < (right[i] ?? '') ? -1 : 1;
}

function within({ roundId, from, to }: TimesheetQuery) {
  return (row: { day: string; roundId: RoundId }) =>
    (roundId === undefined || row.roundId === roundId) &&
    (from === undefined || row.day >= from) &&
    (to === undefined || row.day <= to);
}

interface JoinedRound extends Joined {
  name: string;
  perHour: number | null;
  currency: string;
}

/** With the wage that applies; the best paid first, so that an hour in two rounds at once is the better paid one's. */
async function joinedRounds(tx: Tx, { labellerId, roundId }: TimesheetQuery): Promise<JoinedRound[]> {
  const only: SQL = labellerId === undefined ? sql`true` : sql`m.labeller_id = ${labellerId}`;
  const inRound: SQL = sql`m.labeller_id in (select o.labeller_id from members o where o.round_id = ${roundId})`;
  const rows = await tx.execute<{
    labeller_id: PersonId;
    round_id: RoundId;
    name: string;
    groups: string[];
    settings: Pick<RunSettings, 'wages' | 'currency'>;
  }>(sql`
    select m.labeller_id, m.round_id, p.name, l.groups,
      jsonb_strip_nulls(jsonb_build_object('wages', r.settings->'wages', 'currency', r.settings->'currency')) as settings
    from members m
    join labellers l on l.id = m.labeller_id
    join people p on p.id = l.id
    join rounds r on r.id = m.round_id
    where ${only} and ${roundId === undefined ? sql`true` : inRound}
    order by m.round_id`);
  return rows
    .map(({ labeller_id, round_id, name, groups, settings: { wages, currency = USUAL_CURRENCY } }) => ({
      labellerId: labeller_id,
      roundId: round_id,
      ...{ name, currency, perHour: wageOf(wages, groups) },
    }))
    .sort((a, b) => (b.perHour ?? -1) - (a.perHour ?? -1))
    .map((one, rank) => ({ ...one, rank }));
}

interface Counted
  extends Pick<WorkedTime, 'labellerId' | 'roundId' | 'day'>,
    Pick<Work, 'labelled' | 'skipped' | 'withdrawn'> {}

async function countedWork(tx: Tx, joined: readonly Joined[]): Promise<Counted[]> {
  const ids = JSON.stringify([...new Set(joined.map(({ labellerId }) => labellerId))]);
  return tx.execute<Counted & Record<string, unknown>>(sql`
    with asked as (select jsonb_array_elements_text(${ids}::text::jsonb) as id),
    done as (
      select labeller_id, round_id, submitted_at as at, 1 as labelled, 0 as skipped,
        (withdrawn_at is not null)::int as withdrawn
      from labels
      where labeller_id in (select id from asked)
        and (withdrawn_at is null or withdrawn_why <> 'undo' or withdrawn_by <> labeller_id)
      union all
      select a.labeller_id, a.round_id, a.ended_at, 0, 1, 0
      from members m join assignments a on a.round_id = m.round_id and a.labeller_id = m.labeller_id
      where m.labeller_id in (select id from asked) and a.state = 'skipped')
    select labeller_id as "labellerId", round_id as "roundId", to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day,
      sum(labelled)::int as labelled, sum(skipped)::int as skipped, sum(withdrawn)::int as withdrawn
    from done group by 1, 2, 3`);
}
