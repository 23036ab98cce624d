/** Which rounds there are, and which one was meant. */
import { desc, eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { ProblemsError } from '../../domain/problems';
import { itemsOf } from '../../domain/spec';
import type { RoundStatus } from '../../domain/states';
import type { Tx } from '../connection';
import { people, rounds } from '../schema';

export interface RoundSummary {
  roundId: RoundId;
  name: string;
  status: RoundStatus | 'paused';
  /** Items that the round has or will have. */
  items: number;
  startedBy: string;
  createdAt: string;
  deadlineAt: string;
  endedAt: string | null;
  needsAttention: string | null;
}

/** Newest first. */
export async function listRounds(tx: Tx, { limit }: { limit: number }): Promise<RoundSummary[]> {
  const rows = await tx
    .select({ round: rounds, startedBy: people.name })
    .from(rounds)
    .innerJoin(people, eq(people.id, rounds.startedBy))
    .orderBy(desc(rounds.createdAt), desc(rounds.id))
    .limit(limit);
  return rows.map(({ round, startedBy }) => ({
    roundId: round.id,
    name: round.name,
    status: round.pausedAt && round.status === 'running' ? 'paused' : round.status,
    items: itemsOf(round.spec),
    startedBy,
    createdAt: round.createdAt.toISOString(),
    deadlineAt: round.deadlineAt.toISOString(),
    endedAt: round.endedAt?.toISOString() ?? null,
    needsAttention: round.needsAttention,
  }));
}

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
