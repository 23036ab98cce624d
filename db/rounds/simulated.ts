/** Whether a round holds simulated parts: what comes of it says SIMULATED wherever it is shown. */
import { type SQL, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';

/** A model of the round is simulated. @param spec the column `rounds.spec` as the query names it. */
export function modelIsSimulated(spec: SQL): SQL<boolean> {
  return sql<boolean>`exists (
    select 1 from jsonb_array_elements(${spec}->'models') m join accounts a on a.id = m->>'accountId' where a.simulated)`;
}

/** Each model of the round is: nobody's work on it can move what is said of a real one. @param spec as above. */
export function modelsAreSimulated(spec: SQL): SQL<boolean> {
  return sql<boolean>`not exists (
    select 1 from jsonb_array_elements(${spec}->'models') m
    where not exists (select 1 from accounts a where a.id = m->>'accountId' and a.simulated))`;
}

/** A model or a labeller of the round is simulated. */
export async function isSimulated(tx: Tx, roundId: RoundId): Promise<boolean> {
  const [row] = await tx.execute<{ simulated: boolean }>(sql`
    select exists (select 1 from rounds r where r.id = ${roundId} and ${modelIsSimulated(sql`r.spec`)})
      or exists (select 1 from members m join labellers l on l.id = m.labeller_id
        where m.round_id = ${roundId} and l.kind = 'simulated') as simulated`);
  return row?.simulated ?? false;
}
