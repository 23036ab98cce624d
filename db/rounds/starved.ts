/** Items that nobody can label: open, with a free slot, and no labeller left who may take it. */
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../connection';
import type { RoundRow } from './read';
import { modelsAreSimulated } from './simulated';

export interface Starved {
  /** What one labeller must hold, all of it; empty: nothing. */
  requirements: string[];
  items: number;
}

/** By what they ask of their labellers, the most frequent first. */
export async function starvedItems(tx: Tx, round: RoundRow): Promise<Starved[]> {
  const rows = await tx.execute<{ requirements: string[]; items: number }>(sql`
    select i.requirements, count(*)::int as items
    from item_arms ia join items i on i.id = ia.item_id
    where ia.round_id = ${round.id} and ia.taken < ia.slots and i.state = 'open' and not exists (${mayLabel(round)})
    group by i.requirements order by items desc, i.requirements`);
  return [...rows];
}

export async function countStarved(tx: Tx, round: RoundRow): Promise<number> {
  return sumOf(await starvedItems(tx, round));
}

export function sumOf(starved: readonly Starved[]): number {
  return starved.reduce((sum, { items }) => sum + items, 0);
}

/** A row for each labeller who may take the item `i`, now or when their hands are free. */
export function mayLabel({ settings, spec }: RoundRow): SQL {
  const groups = JSON.stringify(settings.groups);
  return sql`
    select 1 from labellers l join people p on p.id = l.id
    where p.removed_at is null and l.suspended_at is null and i.requirements <@ l.holds
      and (l.kind <> 'simulated' or exists (
        select 1 from rounds sr where sr.id = i.round_id and ${modelsAreSimulated(sql`sr.spec`)}))
      and (${groups}::text = '[]' or l.groups && array(select jsonb_array_elements_text(${groups}::text::jsonb)))
      and not exists (
        select 1 from assignments a
        where a.item_id = i.id and a.labeller_id = l.id and a.state in ('leased', 'submitted', 'skipped'))
      ${spec.onePerPrompt ? notOfItsPrompt : sql``}`;
}

/** Where a labeller gets one item of a prompt at most. */
const notOfItsPrompt = sql`and not exists (
  select 1 from assignments a
  where a.round_id = i.round_id and a.labeller_id = l.id and a.prompt_id = i.prompt_id and a.item_id <> i.id)`;
