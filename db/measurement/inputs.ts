/** What a measurement is computed from, read in id order and in pages, so that its size does not matter. */
import { sql } from 'drizzle-orm';
import type { Answers } from '../../domain/forms';
import type { ItemId, LabelId, RoundId, RulingId } from '../../domain/ids';
import type { ItemState } from '../../domain/states';
import type { Ruled } from '../../domain/verdictOfRecord';
import type { Tx } from '../connection';

export interface MeasuredItem {
  id: ItemId;
  modelId: string;
  state: ItemState;
  failCode: string | null;
  quarantined: boolean;
  labels: { id: LabelId; answers: Answers }[];
  rulings: ({ id: RulingId } & Ruled)[];
}

const PAGE = 2_000;

/** Call inside one repeatable-read transaction, so that all pages are of one moment. */
export async function* measuredItems(tx: Tx, roundId: RoundId): AsyncGenerator<MeasuredItem[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await tx.execute<MeasuredItem & Record<string, unknown>>(sql`
      select i.id, i.model_id as "modelId", i.state, i.fail_code as "failCode",
        i.quarantined_at is not null as quarantined,
        coalesce((select jsonb_agg(jsonb_build_object('id', l.id, 'answers', l.answers) order by l.id)
          from labels l where l.item_id = i.id and l.withdrawn_at is null), '[]'::jsonb) as labels,
        coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'researcherId', g.researcher_id, 'stage', g.stage,
            'answers', g.answers) order by g.id)
          from rulings g where g.item_id = i.id), '[]'::jsonb) as rulings
      from items i where i.round_id = ${roundId} and i.id > ${after}::uuid order by i.id limit ${PAGE}`);
    if (rows.length === 0) return;
    yield [...rows];
    const last = rows[rows.length - 1];
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}
