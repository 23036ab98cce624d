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
  const rows = await tx.execute<UnjudgedModel & Record<string, unknown>>(sql`
    with suspects as (
      select i.model_id, mode() within group (order by a.skip_code) as code
      from assignments a join items i on i.id = a.item_id
      where a.round_id = ${roundId} and a.state = 'skipped'
      group by i.model_id having count(distinct a.item_id) >= ${FEWEST}),
    ended as (
      select i.model_id, a.item_id, bool_or(a.state = 'submitted') as judged
      from assignments a join items i on i.id = a.item_id
      where a.round_id = ${roundId} and a.state in ('skipped', 'submitted')
        and i.model_id in (select model_id from suspects)
      group by i.model_id, a.item_id)
    select model_id as model, count(*)::int as items, count(*) filter (where not judged)::int as "givenBack", code
    from ended join suspects using (model_id)
    group by model_id, code having 2 * count(*) filter (where not judged) > count(*) order by model_id`);
  return [...rows];
}
