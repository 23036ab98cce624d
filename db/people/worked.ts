/**
 * How long labellers worked, by the database's clock: the union of the times that they had items in hand, so that nothing
 * counts twice, cut at midnight UTC.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';

/** A labeller in a round that they joined. `rank`: time in several rounds at once is the one's with the lowest. */
export interface Joined {
  labellerId: PersonId;
  roundId: RoundId;
  rank: number;
}
export interface WorkedTime {
  labellerId: PersonId;
  roundId: RoundId;
  /** `2026-03-01`. */
  day: string;
  seconds: number;
}

/** Without what is still in hand: it counts when it has ended. */
export async function workedTimes(tx: Tx, joined: readonly Joined[]): Promise<WorkedTime[]> {
  const rows = JSON.stringify(joined.map(({ labellerId, roundId, rank }) => ({ labellerId, roundId, rank })));
  return tx.execute<WorkedTime & Record<string, unknown>>(sql`
    with joined as (
      select * from jsonb_to_recordset(${rows}::text::jsonb) as j("labellerId" text, "roundId" text, rank int)),
    ${SIGNS},
    held as (
      select j."labellerId", j."roundId", j.rank, ${FROM} as since, ${TO} as until
      from joined j
      join rounds r on r.id = j."roundId"
      join assignments a on a.round_id = j."roundId" and a.labeller_id = j."labellerId" and a.state <> 'leased'
      left join signs on signs.assignment_id = a.id),
    own as (
      select "labellerId", "roundId", rank, range_agg(tstzrange(since, until)) as times
      from held where since < until group by 1, 2, 3),
    -- An hour in two rounds at once is one hour.
    alone as (
      select "labellerId", "roundId", times - coalesce(range_agg(times) over (
        partition by "labellerId" order by rank rows between unbounded preceding and 1 preceding), '{}') as times
      from own),
    pieces as (select "labellerId", "roundId", unnest(times) as piece from alone),
    days as (
      select "labellerId", "roundId", day, piece * tstzrange(day at time zone 'UTC', (day + interval '1 day') at time zone 'UTC') as part
      from pieces cross join lateral generate_series(
        date_trunc('day', lower(piece) at time zone 'UTC'), upper(piece) at time zone 'UTC', interval '1 day') day)
    select "labellerId", "roundId", to_char(day, 'YYYY-MM-DD') as day,
      sum(extract(epoch from upper(part) - lower(part)))::float8 as seconds
    from days where not isempty(part) group by 1, 2, 3 order by 1, 3, 2`);
}

/** Signs of life on leases that may have run out: labels that were taken back, and labels that came too late. */
const SIGNS: SQL = sql`
    signs as materialized (
      select assignment_id, max(at) as at, bool_or(labelled) as labelled from (
        select assignment_id, withdrawn_at as at, true as labelled from labels
        where labeller_id in (select "labellerId" from joined) and withdrawn_why = 'undo'
        union all
        select f.assignment_id, f.at, false from refused_labels f join assignments a on a.id = f.assignment_id
        where f.labeller_id in (select "labellerId" from joined) and f.at <= a.expires_at) given
      group by assignment_id)`;

/**
 * From the moment that the screen showed it, where the labeller's client said so, else from the lease. A lease that ran out
 * counts only if it was seen, or labelled for a while.
 */
const FROM: SQL = sql`case when a.state <> 'expired' or signs.labelled then coalesce(a.viewed_at, a.leased_at) else a.viewed_at end`;

/**
 * Until it ended. Who let a lease run out worked until the last sign of life: an extension, which sets the lease's end one
 * lease time on, or one of the above.
 */
const TO: SQL = sql`case when a.state <> 'expired' then a.ended_at
      else greatest(a.expires_at - (r.settings->>'leaseMs')::float8 * interval '1 millisecond', signs.at) end`;
