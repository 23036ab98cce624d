/** Why a labeller gets nothing now, and when it is worth asking again. */
import { sql } from 'drizzle-orm';
import { atOnce } from '../atOnce';
import type { Db } from '../connection';
import { plannedOnce, statement } from '../prepared';
import type { Member } from './membership';
import { seenBy } from './queue';

export type NothingReason =
  | 'none-left'
  | 'all-leased'
  | 'seen-all'
  | 'no-matching-items'
  | 'not-qualified'
  | 'consent-needed'
  | 'suspended'
  | 'paused';

export interface NothingNow {
  kind: 'nothing';
  reason: NothingReason;
  /** Seconds. Absent where asking again is of no use. */
  retryAfter?: number;
}

const LONGEST_WAIT = 5;
/** Free items looked at to tell "seen them all" from "none that you may judge". */
const LOOKED_AT = 1_000;

/**
 * Call after a walk that leased nothing.
 * @param lookedTo how far the walk went: places given since then are worth another look.
 * @returns undefined if the queue has moved on since, so that the walk is to be done again.
 */
export async function whyNothing(db: Db, member: Member, lookedTo: number): Promise<NothingNow | undefined> {
  const found = await look(db, member, lookedTo);
  // It may have come between the labeller's standing and the walk.
  if (found.suspended) return { kind: 'nothing', reason: 'suspended' };
  if (found.moved) return undefined;
  const coming = found.coming || member.drawing;
  const wait = Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(found.backInSeconds ?? LONGEST_WAIT)));
  if (!found.free) {
    if (!coming && !found.open) return { kind: 'nothing', reason: 'none-left' };
    return { kind: 'nothing', reason: 'all-leased', retryAfter: wait };
  }
  const reason = found.freeFits ? 'seen-all' : 'no-matching-items';
  const mayChange = coming || found.backInSeconds !== null;
  return { kind: 'nothing', reason, ...(mayChange ? { retryAfter: wait } : {}) };
}

interface Found extends Record<string, unknown> {
  suspended: boolean;
  /** Items without a completion, or not opened yet. */
  coming: boolean;
  open: boolean;
  /** Open items with a free slot. */
  free: boolean;
  /** Some of these ask for nothing that the labeller does not hold. */
  freeFits: boolean;
  moved: boolean;
  /** The soonest end of another's lease on an open item that this labeller could have. */
  backInSeconds: number | null;
}

async function look(db: Db, { roundId, labellerId, arm, onePerPrompt }: Member, lookedTo: number): Promise<Found> {
  const [row] = await atOnce(db, plannedOnce({}), found({ roundId, labellerId, arm, onePerPrompt, lookedTo }));
  if (!row) throw new Error('a select without a table gave no row');
  return row;
}

type Looking = Pick<Member, 'roundId' | 'labellerId' | 'arm' | 'onePerPrompt'> & { lookedTo: number };

const found = statement<Looking, Found>(({ roundId, labellerId, arm, onePerPrompt, lookedTo }) => {
  const seen = seenBy({ roundId, labellerId, onePerPrompt });
  return sql`
    with holder as (select holds, suspended_at from labellers where id = ${labellerId}),
    free as materialized (
      select i.requirements <@ (select holds from holder) as fits
      -- Item by item: joined, the two would be read side by side from their beginnings.
      from item_arms a cross join lateral (
        select requirements from items where id = a.item_id and state = 'open' limit 1) i
      where a.round_id = ${roundId} and a.arm = ${arm} and a.taken < a.slots limit ${LOOKED_AT})
    select
      exists (select 1 from holder where suspended_at is not null) as suspended,
      exists (select 1 from shards where round_id = ${roundId} and state <> 'done'
        and (state in ('waiting', 'generating') or unopened > 0)) as coming,
      -- What somebody has acted on may be open again when its shard has looked at it.
      exists (select 1 from shards where round_id = ${roundId} and state <> 'done' and open > 0)
        or exists (select 1 from items where round_id = ${roundId} and touched)
        or exists (select 1 from assignments where round_id = ${roundId} and state = 'leased') as open,
      exists (select 1 from free) as free,
      exists (select 1 from free where fits) as "freeFits",
      exists (select 1 from places where round_id = ${roundId} and arm = ${arm} and place > ${lookedTo}) as moved,
      (select extract(epoch from min(other.expires_at) - now())::float8
        from assignments other join items i on i.id = other.item_id
        where other.round_id = ${roundId} and other.state = 'leased' and other.labeller_id <> ${labellerId}
          and i.state = 'open' and i.requirements <@ (select holds from holder)
          and (${seen}) is null) as "backInSeconds"`;
});
