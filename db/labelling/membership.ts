/** Who takes part in a round: decided anew at every `next`, remembered as a row that `next` locks. */
import { sql } from 'drizzle-orm';
import { MAIN, type PersonId, type RoundId } from '../../domain/ids';
import type { RoundStatus } from '../../domain/states';
import type { Tx } from '../connection';
import { PLANNED_ONCE, prepared } from '../prepared';
import { members } from '../schema';

/** A labeller in a round, with what the round's rows say about leasing. */
export interface Member {
  kind: 'member';
  roundId: RoundId;
  labellerId: PersonId;
  arm: string;
  /** How far down the queue this labeller is done. */
  cursor: number;
  onePerPrompt: boolean;
  leaseMs: number;
  /** Not all of the sample is there yet, so an empty round is not an exhausted one. */
  drawing: boolean;
}
export type Standing = Member | { kind: 'over' | TurnedAway | 'paused' };
/** Why a labeller is let into no round, or not into this one. */
export type TurnedAway = 'suspended' | 'not-qualified' | 'consent-needed';

interface StandingRow extends Record<string, unknown> {
  status: RoundStatus;
  paused: boolean;
  late: boolean;
  drawn: boolean;
  one_per_prompt: boolean;
  lease_ms: number;
  qualified: boolean;
  suspended: boolean;
  unagreed: boolean;
  arm: string;
  cursor: string;
}

/** Whether a labeller may take part: not removed, and of one of the round's groups if it names any. */
export const QUALIFIED = sql`(p.removed_at is null and (r.settings->'groups' = '[]'::jsonb
  or l.groups && array(select jsonb_array_elements_text(r.settings->'groups'))))`;

/** Whether a labeller was invited under terms and has not agreed to them yet. */
const UNAGREED = sql`(l.terms_hash is not null and l.agreed_at is null)`;

/** Whether a labeller may be given an item now: nothing that `lockMember` turns them away for holds. */
export const MAY_LEASE = sql`(l.suspended_at is null and r.deadline_at > now() and r.status not in ('cancelled', 'failed')
  and ${QUALIFIED} and not ${UNAGREED} and r.paused_at is null)`;

/** Locks the member's row and reads where round and labeller stand; what follows in its transaction is planned once. @returns undefined for who has not joined. */
export async function lockMember(tx: Tx, roundId: RoundId, labellerId: PersonId): Promise<Standing | undefined> {
  const [row] = await prepared<StandingRow>(
    tx,
    'lock member',
    sql`
    select r.status, r.paused_at is not null as paused, r.deadline_at <= now() as late,
      r.drawn_at is not null as drawn,
      (r.spec->>'onePerPrompt')::boolean as one_per_prompt, (r.settings->>'leaseMs')::float8 as lease_ms,
      ${QUALIFIED} as qualified, l.suspended_at is not null as suspended, ${UNAGREED} as unagreed, m.arm, m.cursor,
      ${PLANNED_ONCE}
    from members m
    join rounds r on r.id = m.round_id
    join labellers l on l.id = m.labeller_id
    join people p on p.id = l.id
    where m.round_id = ${roundId} and m.labeller_id = ${labellerId}
    for update of m`,
  );
  if (!row) return undefined;
  if (row.suspended) return { kind: 'suspended' };
  if (row.late || row.status === 'cancelled' || row.status === 'failed') return { kind: 'over' };
  if (!row.qualified) return { kind: 'not-qualified' };
  if (row.unagreed) return { kind: 'consent-needed' };
  if (row.paused) return { kind: 'paused' };
  return {
    kind: 'member',
    roundId,
    labellerId,
    arm: row.arm,
    cursor: Number(row.cursor),
    onePerPrompt: row.one_per_prompt,
    leaseMs: row.lease_ms,
    drawing: !row.drawn,
  };
}

/**
 * Makes the member's row at the first visit, in the arm `main`. Call outside the transaction that leases: once the row is
 * committed, whoever changes what a labeller holds finds it and resets its cursor.
 */
export async function joinRound(
  tx: Tx,
  roundId: RoundId,
  labellerId: PersonId,
): Promise<'joined' | 'unknown-round' | TurnedAway> {
  const [row] = await tx.execute<{ qualified: boolean | null; suspended: boolean; unagreed: boolean }>(sql`
    select (l.id is not null and ${QUALIFIED}) as qualified, l.suspended_at is not null as suspended,
      coalesce(${UNAGREED}, false) as unagreed
    from rounds r left join labellers l on l.id = ${labellerId} left join people p on p.id = l.id
    where r.id = ${roundId}`);
  if (!row) return 'unknown-round';
  if (row.suspended) return 'suspended';
  if (!row.qualified) return 'not-qualified';
  if (row.unagreed) return 'consent-needed';
  await tx.insert(members).values({ roundId, labellerId, arm: MAIN }).onConflictDoNothing();
  return 'joined';
}
