/** Which rounds there are, and which one was meant. */
import { and, desc, eq, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { RoundId } from '../../domain/ids';
import { isPaused, type ShownStatus, shownStatus } from '../../domain/pausing';
import { ProblemsError } from '../../domain/problems';
import { itemsOf } from '../../domain/spec';
import type { Tx } from '../connection';
import { people, rounds } from '../schema';

export interface RoundSummary {
  roundId: RoundId;
  name: string;
  status: ShownStatus;
  /** Where it stands still: by whom (a name), or by itself for this reason, such as budget. */
  pausedBy: string | null;
  /** The schedule whose run it is. */
  schedule: string | null;
  /** Items that the round has or will have. */
  items: number;
  startedBy: string;
  createdAt: string;
  deadlineAt: string;
  endedAt: string | null;
  needsAttention: string | null;
}

export interface ListOptions {
  limit: number;
  status?: ShownStatus | undefined;
  schedule?: string | undefined;
}

/** Newest first. */
export async function listRounds(tx: Tx, { limit, status, schedule }: ListOptions): Promise<RoundSummary[]> {
  const pauser = alias(people, 'pauser');
  const rows = await tx
    .select({ round: rounds, startedBy: people.name, pauser: pauser.name })
    .from(rounds)
    .innerJoin(people, eq(people.id, rounds.startedBy))
    .leftJoin(pauser, eq(pauser.id, sql`${rounds.pausedBy}`))
    .where(
      and(
        status && sql`${SHOWN_STATUS} = ${status}`,
        schedule === undefined ? undefined : eq(rounds.schedule, schedule),
      ),
    )
    .orderBy(desc(rounds.createdAt), desc(rounds.id))
    .limit(limit);
  return rows.map(({ round, startedBy, pauser: by }) => ({
    roundId: round.id,
    name: round.name,
    status: shownStatus(round),
    pausedBy: isPaused(round) ? (round.pausedAt ? (by ?? round.pausedBy) : round.heldCode) : null,
    schedule: round.schedule,
    items: itemsOf(round.spec),
    startedBy,
    createdAt: round.createdAt.toISOString(),
    deadlineAt: round.deadlineAt.toISOString(),
    endedAt: round.endedAt?.toISOString() ?? null,
    needsAttention: round.needsAttention,
  }));
}

/** As `shownStatus` has it. */
const SHOWN_STATUS = sql`case when ${rounds.status} in ('opening', 'running')
  and (${rounds.pausedAt} is not null or ${rounds.heldAt} is not null) then 'paused' else ${rounds.status} end`;

/** Ids shown where several begin alike. */
const SHOWN = 5;

/**
 * `latest` is the newest round; anything else is an id or the beginning of one.
 * @throws ProblemsError if no round, or more than one, is meant.
 */
export async function resolveRoundId(tx: Tx, reference: string): Promise<RoundId> {
  const found = await tx
    .select({ id: rounds.id })
    .from(rounds)
    .where(reference === 'latest' ? sql`true` : sql`starts_with(${rounds.id}, ${reference.toLowerCase()})`)
    .orderBy(desc(rounds.createdAt), desc(rounds.id))
    .limit(reference === 'latest' ? 1 : SHOWN + 1);
  const [first, second] = found;
  const exact = found.find(({ id }) => id === reference.toLowerCase());
  if (first && (!second || exact)) return (exact ?? first).id;
  if (!first) {
    const message = reference === 'latest' ? 'there is no round yet' : `there is no round ${reference.slice(0, 60)}`;
    const hint =
      reference === 'latest' ? 'start one: plumbline round start SPEC.yaml' : '`plumbline round list` shows them';
    throw ProblemsError.of({ kind: 'unknown-round', message, hint });
  }
  const ids = found.slice(0, SHOWN).map(({ id }) => id);
  const more = found.length > SHOWN ? ', …' : '';
  const message = `several rounds begin with ${reference.slice(0, 60)}: ${ids.join(', ')}${more}`;
  throw ProblemsError.of({ kind: 'ambiguous-round', message, hint: 'write more of the id' });
}
