/** Models whose items come back from whoever is served them: something is wrong with them, or with how they are shown. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { SkipCode } from '../../domain/states';
import type { Tx } from '../connection';

/** Of fewer items nothing is said. */
const FEWEST = 3;

export interface UnjudgedModel {
  model: string;
  /** Items that somebody has had and ended. */
  items: number;
  /** Of these, those that all who had them gave back: more than half. */
  givenBack: number;
  /** The commonest reason. */
  code: SkipCode;
}

export async function unjudgedModels(tx: Tx, roundId: RoundId): Promise<UnjudgedModel[]> {
  const suspects = await tx.execute<{ model: string; given_back: number; code: SkipCode }>(sql`
    select i.model_id as model, count(distinct i.id)::int as given_back, mode() within group (order by a.skip_code) as code
    from assignments a join items i on i.id = a.item_id
    where a.round_id = ${roundId} and a.state = 'skipped'
      and not exists (select 1 from assignments b where b.item_id = a.item_id and b.state = 'submitted')
    group by i.model_id having count(distinct i.id) >= ${FEWEST} order by i.model_id`);
  const found: UnjudgedModel[] = [];
  // Mostly there is none: all that people have judged is counted only where it matters.
  for (const { model, given_back: givenBack, code } of suspects) {
    const judged = await judgedItems(tx, roundId, model);
    if (givenBack > judged) found.push({ model, items: givenBack + judged, givenBack, code });
  }
  return found;
}

async function judgedItems(tx: Tx, roundId: RoundId, model: string): Promise<number> {
  const [row] = await tx.execute<{ n: number }>(sql`
    select count(*)::int as n from items i where i.round_id = ${roundId} and i.model_id = ${model}
      and exists (select 1 from assignments a where a.item_id = i.id and a.state = 'submitted')`);
  return row?.n ?? 0;
}
