/** When a labeller's screen first showed an item: said by their client, by the database's clock. */
import { and, eq, sql } from 'drizzle-orm';
import type { AssignmentId, PersonId } from '../../domain/ids';
import type { Db } from '../connection';
import { assignments } from '../schema';

export type ViewResult = { kind: 'viewed'; at: Date } | { kind: 'unknown-assignment' } | { kind: 'too-late' };

/** The first time counts; a repeat is answered with it, also after the lease. What is over cannot come to be seen. */
export async function view(
  db: Db,
  { assignmentId, labellerId }: { assignmentId: AssignmentId; labellerId: PersonId },
): Promise<ViewResult> {
  const [held] = await db
    .update(assignments)
    .set({ viewedAt: sql`coalesce(${assignments.viewedAt}, case when ${assignments.state} = 'leased' then now() end)` })
    .where(and(eq(assignments.id, assignmentId), eq(assignments.labellerId, labellerId)))
    .returning({ at: assignments.viewedAt });
  if (!held) return { kind: 'unknown-assignment' };
  return held.at ? { kind: 'viewed', at: held.at } : { kind: 'too-late' };
}
