/** Who labelled a round: counts and times, by SQL alone. */
import { sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import type { LabellerKind } from '../../domain/states';
import type { Tx } from '../connection';

export interface LabellerWork {
  labellerId: PersonId;
  /** Of a simulated labeller only: people are not named. */
  name: string | null;
  kind: LabellerKind;
  /** Counted labels. */
  labels: number;
  unsure: number;
  cantJudge: number;
  /** Half of the counted labels took longer, from lease to submit; null without one. */
  medianSeconds: number | null;
  /** From lease to submit or to giving it back, over all that was labelled, withdrawn or not, or could not be judged. */
  seconds: number;
}

/** Everybody who labelled or could not judge an item, by id. */
export async function labellerWork(tx: Tx, roundId: RoundId): Promise<LabellerWork[]> {
  const rows = await tx.execute<LabellerWork & Record<string, unknown>>(sql`
    with work as (
      select a.labeller_id, a.leased_at, a.state = 'skipped' as skipped,
        case when a.state = 'skipped' then a.ended_at else max(b.submitted_at) end as ended_at,
        max(b.submitted_at) filter (where b.withdrawn_at is null) as counted_at,
        coalesce(bool_or(b.unsure) filter (where b.withdrawn_at is null), false) as unsure
      from assignments a left join labels b on b.assignment_id = a.id
      where a.round_id = ${roundId} group by a.id
      having a.state = 'skipped' or count(b.id) > 0)
    select w.labeller_id as "labellerId", case when l.kind = 'simulated' then p.name end as name, l.kind,
      count(w.counted_at)::int as labels, count(*) filter (where w.unsure)::int as unsure,
      count(*) filter (where w.skipped)::int as "cantJudge",
      percentile_cont(0.5) within group (order by extract(epoch from w.counted_at - w.leased_at)::float8) as "medianSeconds",
      coalesce(sum(extract(epoch from w.ended_at - w.leased_at)), 0)::float8 as seconds
    from work w join labellers l on l.id = w.labeller_id join people p on p.id = w.labeller_id
    group by w.labeller_id, l.kind, p.name order by w.labeller_id`);
  return [...rows];
}
