/** When what happened in a round, by its rows: a report has no other clock. */
import { sql } from 'drizzle-orm';
import type { Tx } from '../connection';
import type { RoundRow } from '../rounds/read';

/** ISO 8601, UTC; null for what has not happened. */
export interface Times {
  started: string;
  /** The sample was drawn. */
  opened: string | null;
  /** The last completion came. */
  generated: string | null;
  firstLabel: string | null;
  lastLabel: string | null;
  lastRuling: string | null;
  measured: string | null;
  ended: string | null;
  deadline: string;
  /** The newest of all these that has happened. */
  asOf: string;
}

type Moment = Date | string | null;

export async function timesOf(tx: Tx, round: RoundRow): Promise<Times> {
  const [row] = await tx.execute<Record<'generated' | 'firstLabel' | 'lastLabel' | 'lastRuling' | 'measured', Moment>>(
    sql`
    select (select max(ended_at) from generation_calls where round_id = ${round.id} and outcome = 'completed') as generated,
      (select min(submitted_at) from labels where round_id = ${round.id}) as "firstLabel",
      (select max(submitted_at) from labels where round_id = ${round.id}) as "lastLabel",
      (select max(ruled_at) from rulings where round_id = ${round.id}) as "lastRuling",
      (select created_at from measurements where id = ${round.measurementId}::bigint) as measured`,
  );
  const happened = {
    started: round.createdAt.toISOString(),
    opened: iso(round.openedAt),
    generated: iso(row?.generated),
    firstLabel: iso(row?.firstLabel),
    lastLabel: iso(row?.lastLabel),
    lastRuling: iso(row?.lastRuling),
    measured: iso(row?.measured),
    ended: iso(round.endedAt),
  };
  const newest = Object.values(happened).reduce<string>((last, at) => (at !== null && at > last ? at : last), '');
  return { ...happened, deadline: round.deadlineAt.toISOString(), asOf: newest };
}

function iso(moment: Moment | undefined): string | null {
  return moment === null || moment === undefined ? null : new Date(moment).toISOString();
}
