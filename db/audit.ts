/** Who did what, with the refusals. Never holds prompts, completions or notes. */
import { desc, sql } from 'drizzle-orm';
import type { Tx } from './connection';
import { audit } from './schema';

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
