/** Which rounds a labeller may work on now. */
import { sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { modelsAreSimulated } from '../rounds/simulated';
import { QUALIFIED } from './membership';

export interface RoundToLabel {
  roundId: RoundId;
  deadlineAt: Date;
  /** Each model of the round is simulated: simulated people may label it. */
  simulated: boolean;
}

/** Newest first: those that have begun, are not over, and admit this labeller. Whether anything is left there is not looked at. */
export async function roundsToLabel(tx: Tx, labellerId: PersonId): Promise<RoundToLabel[]> {
  const rows = await tx.execute<{ id: RoundId; deadline_ms: number; simulated: boolean }>(sql`
    select r.id, (extract(epoch from r.deadline_at) * 1000)::float8 as deadline_ms,
      ${modelsAreSimulated(sql`r.spec`)} as simulated
    from rounds r
    join labellers l on l.id = ${labellerId}
    join people p on p.id = l.id
    where r.status in ('opening', 'running') and r.deadline_at > now() and l.suspended_at is null and ${QUALIFIED}
    order by r.created_at desc, r.id desc`);
  return rows.map(({ id, deadline_ms, simulated }) => ({ roundId: id, deadlineAt: new Date(deadline_ms), simulated }));
}
