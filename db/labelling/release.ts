/** Calling in leases: all of a round that is called off, or all of a labeller who may not go on. */
import { sql } from 'drizzle-orm';
import type { ItemId, PersonId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { givePlaces } from '../places';

/**
 * Ends every lease of the round and returns its slot; nothing is offered anew. Call in the transaction that cancels the
 * round. @returns how many were released.
 */
export async function releaseLeases(tx: Tx, roundId: RoundId): Promise<number> {
  await tx.execute(sql`
    select id from items
    where id in (select item_id from assignments where round_id = ${roundId} and state = 'leased')
    order by id for no key update`);
  const released = await tx.execute<{ n: number }>(sql`
    with released as (
      update assignments set state = 'released', ended_at = now()
      where round_id = ${roundId} and state = 'leased'
      returning item_id, arm),
    per_item as (select item_id, arm, count(*)::int as n from released group by item_id, arm)
    update item_arms a set taken = a.taken - per_item.n from per_item
    where a.item_id = per_item.item_id and a.arm = per_item.arm
    returning per_item.n`);
  return released.reduce((sum, row) => sum + row.n, 0);
}

/**
 * Ends every lease of a labeller, in all rounds, and offers the items to others. Items are looked at again, also those that a
 * doubt keeps open: they may have waited for this labeller, the last one who could settle them. Call last in the transaction
 * that keeps the labeller from more, after it is written. @returns how many leases were released.
 */
export async function releaseLeasesOf(tx: Tx, labellerId: PersonId): Promise<number> {
  await tx.execute(sql`select 1 from members where labeller_id = ${labellerId} order by round_id for update`);
  const concerned = sql`
    select a.item_id from ${leasesOf(labellerId)} a
    union select i.id from rounds r
    join labels l on l.round_id = r.id and l.unsure and l.withdrawn_at is null
    join items i on i.id = l.item_id and i.state = 'open'
    where r.status not in ('done', 'cancelled', 'failed')`;
  await tx.execute(sql`
    with held as materialized (
      select id, round_id, shard from items where id in (${concerned}) order by id for no key update),
    marked as (update items set touched = true where id in (select id from held))
    insert into outbox (round_id, shard) select distinct round_id, shard from held order by round_id, shard`);
  const released = await tx.execute<Released>(sql`
    with released as (
      update assignments set state = 'released', ended_at = now()
      where id in (select a.id from ${leasesOf(labellerId)} a)
      returning item_id, arm, round_id),
    returned as (
      update item_arms s set taken = s.taken - 1 from released r where s.item_id = r.item_id and s.arm = r.arm)
    select r.round_id, r.arm, r.item_id, i.state = 'open' as open
    from released r join items i on i.id = r.item_id
    order by r.round_id, r.arm, i.position`);
  // Each queue once, in one order, so that two who release leases of many rounds never wait for each other's counters.
  const open = Map.groupBy(
    released.filter((lease) => lease.open),
    (lease) => `${lease.round_id} ${lease.arm}`,
  );
  for (const leases of open.values()) {
    const [first] = leases;
    const itemIds = leases.map(({ item_id }) => item_id);
    if (first) await givePlaces(tx, first.round_id, first.arm, itemIds);
  }
  return released.length;
}

interface Released extends Record<string, unknown> {
  round_id: RoundId;
  arm: string;
  item_id: ItemId;
  open: boolean;
}

/** By way of the rounds that they joined, so that an index finds them. */
const leasesOf = (labellerId: PersonId) => sql`(
  select a.id, a.item_id from members m join assignments a on a.round_id = m.round_id and a.labeller_id = m.labeller_id
  where m.labeller_id = ${labellerId} and a.state = 'leased')`;
