/** Who did what, with the refusals. Never holds prompts, completions or notes. */
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { RoundId } from '../domain/ids';
import type { Tx } from './connection';
import { audit, people } from './schema';

export type Act = typeof audit.$inferInsert;

/** Inside the act's own transaction where it has one; a refusal stands alone. */
export async function recordAct(tx: Tx, act: Act): Promise<void> {
  await tx.insert(audit).values(act);
}

/** Refused acts of the last `hours`, newest first. */
export function recentRefusals(tx: Tx, { hours, limit }: { hours: number; limit: number }) {
  return tx
    .select()
    .from(audit)
    .where(sql`${audit.refused} and ${audit.at} > now() - ${hours} * interval '1 hour'`)
    .orderBy(desc(audit.id))
    .limit(limit);
}

export interface PastAct {
  /** ISO 8601. */
  at: string;
  /** A person's id, or what else acted. */
  actor: string;
  /** The person's name, or the actor again. */
  who: string;
  why: string | null;
}

/** The last act of this kind that was done, not refused. @returns undefined where there was none. */
export async function lastAct(
  tx: Tx,
  { action, subject, roundId }: { action: string; subject: string; roundId?: RoundId },
): Promise<PastAct | undefined> {
  const [row] = await tx
    .select({
      at: audit.at,
      actor: audit.actor,
      name: people.name,
      why: sql<string | null>`${audit.detail}->>'why'`,
    })
    .from(audit)
    .leftJoin(people, sql`${people.id} = ${audit.actor}`)
    .where(
      and(
        roundId === undefined ? isNull(audit.roundId) : eq(audit.roundId, roundId),
        eq(audit.action, action),
        eq(audit.subject, subject),
        sql`not ${audit.refused}`,
      ),
    )
    .orderBy(desc(audit.id))
    .limit(1);
  return row && { at: row.at.toISOString(), actor: row.actor, who: row.name ?? row.actor, why: row.why };
}
