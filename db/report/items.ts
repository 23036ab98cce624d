/** A round's items with who said what of them, read in id order and in pages, so that its size does not matter. */
import { sql } from 'drizzle-orm';
import type { Answers } from '../../domain/forms';
import type { ItemId, PersonId, RoundId } from '../../domain/ids';
import type { Outcome } from '../../domain/results';
import type { Stage } from '../../domain/rulings';
import type { ItemState } from '../../domain/states';
import type { Tx } from '../connection';

export interface ReportedItem {
  id: ItemId;
  modelId: string;
  state: ItemState;
  quarantined: boolean;
  /** Of the measurement asked for; null where there is none. */
  outcome: Outcome | null;
  ruled: boolean;
  /** The counted ones. */
  labels: { labellerId: PersonId; answers: Answers }[];
  rulings: { researcherId: PersonId; stage: Stage; answers: Answers }[];
}

const PAGE = 2_000;

/** Call inside one repeatable-read transaction, so that all pages are of one moment. */
export async function* reportedItems(
  tx: Tx,
  roundId: RoundId,
  measurementId: number | null,
): AsyncGenerator<ReportedItem[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await tx.execute<ReportedItem & Record<string, unknown>>(sql`
      select i.id, i.model_id as "modelId", i.state, i.quarantined_at is not null as quarantined,
        m.verdict as outcome, coalesce(m.ruled, false) as ruled,
        coalesce((select jsonb_agg(jsonb_build_object('labellerId', l.labeller_id, 'answers', l.answers) order by l.id)
          from labels l where l.item_id = i.id and l.withdrawn_at is null), '[]'::jsonb) as labels,
        coalesce((select jsonb_agg(jsonb_build_object('researcherId', g.researcher_id, 'stage', g.stage,
            'answers', g.answers) order by g.id)
          from rulings g where g.item_id = i.id), '[]'::jsonb) as rulings
      from items i left join measurement_items m on m.measurement_id = ${measurementId}::bigint and m.item_id = i.id
      where i.round_id = ${roundId} and i.id > ${after}::uuid order by i.id limit ${PAGE}`);
    if (rows.length === 0) return;
    yield [...rows];
    const last = rows[rows.length - 1];
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}
