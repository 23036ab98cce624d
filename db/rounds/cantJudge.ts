/** Items that people gave back because they could not judge them. */
import { sql } from 'drizzle-orm';
import type { ItemId, PersonId, RoundId } from '../../domain/ids';
import type { SkipCode } from '../../domain/states';
import type { Tx } from '../connection';

/** An item that this many labellers could not judge is worth a look. */
export const ITEM_SKIPS = 3;
/** So is a labeller who could not judge this many, and this share of all they ended. */
export const LABELLER_SKIPS = 5;
export const LABELLER_SHARE = 0.2;
const LISTED = 20;

export interface CantJudge {
  total: number;
  byCode: Partial<Record<SkipCode, number>>;
  /** Too many on one item: the worst first, at most 20. */
  items: { itemId: ItemId; skips: number }[];
  /** Too many by one labeller: the worst first, at most 20. */
  labellers: { labellerId: PersonId; name: string; skips: number; ended: number }[];
}

export async function cantJudgeOf(tx: Tx, roundId: RoundId): Promise<CantJudge> {
  const codes = await tx.execute<{ code: SkipCode; n: number }>(sql`
    select skip_code as code, count(*)::int as n from assignments
    where round_id = ${roundId} and state = 'skipped' group by skip_code order by skip_code`);
  const total = codes.reduce((sum, { n }) => sum + n, 0);
  if (total === 0) return { total, byCode: {}, items: [], labellers: [] };
  const items = await tx.execute<{ itemId: ItemId; skips: number }>(sql`
    select item_id as "itemId", count(distinct labeller_id)::int as skips from assignments
    where round_id = ${roundId} and state = 'skipped'
    group by item_id having count(distinct labeller_id) >= ${ITEM_SKIPS}
    order by skips desc, item_id limit ${LISTED}`);
  const labellers = await tx.execute<{ labellerId: PersonId; name: string; skips: number; ended: number }>(sql`
    select a.labeller_id as "labellerId", p.name, count(*) filter (where a.state = 'skipped')::int as skips,
      count(*)::int as ended
    from assignments a join people p on p.id = a.labeller_id
    where a.round_id = ${roundId} and a.state in ('skipped', 'submitted')
    group by a.labeller_id, p.name
    having count(*) filter (where a.state = 'skipped') >= greatest(${LABELLER_SKIPS}::float8, ${LABELLER_SHARE}::float8 * count(*))
    order by skips desc, p.name limit ${LISTED}`);
  return {
    total,
    byCode: Object.fromEntries(codes.map(({ code, n }) => [code, n])),
    items: [...items],
    labellers: [...labellers],
  };
}
