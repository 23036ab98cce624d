/** What a labeller has done, over all rounds. */
import { sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import type { Tx } from '../connection';
import { secondsWorked } from '../people/timesheet';

export interface LabellerWork {
  rounds: number;
  assignments: { leased: number; submitted: number; skipped: number; expired: number; released: number };
  labels: { total: number; withdrawn: number };
  /** Worked, as the timesheet has it: an hour with two items in hand is one hour. */
  seconds: number;
}

export async function labellerWork(tx: Tx, id: PersonId): Promise<LabellerWork> {
  const [row] = await tx.execute<{
    rounds: number;
    leased: number;
    submitted: number;
    skipped: number;
    expired: number;
    released: number;
    labels: number;
    withdrawn: number;
  }>(sql`
    select count(distinct round_id)::int as rounds,
      count(*) filter (where state = 'leased')::int as leased,
      count(*) filter (where state = 'submitted')::int as submitted,
      count(*) filter (where state = 'skipped')::int as skipped,
      count(*) filter (where state = 'expired')::int as expired,
      count(*) filter (where state = 'released')::int as released,
      (select count(*)::int from labels where labeller_id = ${id}) as labels,
      (select count(withdrawn_at)::int from labels where labeller_id = ${id}) as withdrawn
    from assignments where labeller_id = ${id}`);
  if (!row) throw new Error('a count gave no row');
  const { rounds, labels, withdrawn, ...assignments } = row;
  const seconds = await secondsWorked(tx, id);
  return { rounds, seconds, labels: { total: labels, withdrawn }, assignments };
}
