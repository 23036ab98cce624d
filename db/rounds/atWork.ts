/** The people around a round: who labels now, and who may do what the round waits for. */
import { sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import type { Role } from '../../domain/states';
import type { Tx } from '../connection';

const MINUTES = 5;

/** Who has an item in hand, or gave a label in the last five minutes. By id. */
export async function labellersAtWork(tx: Tx, roundId: RoundId): Promise<PersonId[]> {
  const rows = await tx.execute<{ id: PersonId }>(sql`
    select labeller_id as id from assignments where round_id = ${roundId} and state = 'leased' and expires_at > now()
    union
    select labeller_id from labels
    where round_id = ${roundId} and submitted_at > now() - ${MINUTES} * interval '1 minute'
    order by id`);
  return rows.map(({ id }) => id);
}

const STAFF = ['operator', 'researcher', 'admin'] as const satisfies readonly Role[];

export type Staff = Record<(typeof STAFF)[number], PersonId[]>;

/** By role, each by name. */
export async function staffOf(tx: Tx): Promise<Staff> {
  const rows = await tx.execute<{ id: PersonId; role: Role }>(sql`
    select p.id, r.role from people p join person_roles r on r.person_id = p.id
    where p.removed_at is null order by p.name`);
  const having = (role: Role) => rows.filter((row) => row.role === role).map(({ id }) => id);
  return { operator: having('operator'), researcher: having('researcher'), admin: having('admin') };
}
