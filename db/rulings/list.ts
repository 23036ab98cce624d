/** What waits for a researcher, in the order in which it is to be ruled on. Nothing here tells what labellers said. */
import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { ItemId, PersonId, RoundId } from '../../domain/ids';
import type { Stage } from '../../domain/rulings';
import { seededOrder } from '../../domain/sampling';
import type { ItemState } from '../../domain/states';
import type { Tx } from '../connection';
import { readRound } from '../rounds/read';
import { items, labels, people, rounds, rulings } from '../schema';
import { labelsIt, waitsForFirst, waitsForSecond } from './waiting';

export interface ContestedItem {
  itemId: ItemId;
  /** Its place in the seeded order, from 1. */
  position: number;
  state: ItemState;
  /** Counted ones. */
  labels: number;
  /** By the researchers' names, oldest first. */
  rulings: { researcher: string; stage: Stage }[];
}

/**
 * Contested items, and after the deadline those that ended unresolved though they have labels, in an order that depends on
 * the round's seed only: however far researchers get, what they ruled on is a random sample.
 * @throws Error for an id that no round has.
 */
export function listContested(tx: Tx, roundId: RoundId, { limit }: Listing = {}): Promise<ContestedItem[]> {
  return listWhere(tx, roundId, waitsForFirst, limit);
}

/**
 * In the same order, what one other researcher has ruled on, so that somebody may rule on it a second time, as blind as the
 * first: neither what was ruled nor whether the labels changed it is told.
 * @throws Error for an id that no round has.
 */
export async function listForSecond(
  tx: Tx,
  roundId: RoundId,
  researcherId: PersonId,
  { limit }: Listing = {},
): Promise<ContestedItem[]> {
  const given = sql`(
    select count(*) = 1 and bool_and(${rulings.researcherId} <> ${researcherId}) from ${rulings}
    where ${rulings.itemId} = ${items.id} and ${rulings.stage} = 'blind')`;
  const free = sql`${waitsForSecond} and ${given} and not ${labelsIt(researcherId)}`;
  const found = await listWhere(tx, roundId, free, limit);
  return found.map((item) => ({ ...item, rulings: item.rulings.filter(({ stage }) => stage === 'blind') }));
}

interface Listing {
  /** How many at most, from 1. */
  limit?: number | undefined;
}

async function listWhere(tx: Tx, roundId: RoundId, holds: SQL, limit: number | undefined): Promise<ContestedItem[]> {
  const { seed } = await readRound(tx, roundId);
  const found = await itemsWhere(tx, roundId, holds);
  const ordered = seededOrder(found, seed, 'adjudication', ({ itemId }) => itemId).slice(0, limit);
  const given = await rulingsOf(
    tx,
    ordered.map(({ itemId }) => itemId),
  );
  return ordered.map((item, i) => ({
    itemId: item.itemId,
    position: i + 1,
    state: item.state,
    labels: item.labels,
    rulings: given.get(item.itemId) ?? [],
  }));
}

function itemsWhere(tx: Tx, roundId: RoundId, holds: SQL) {
  const counted = tx
    .select({ itemId: labels.itemId, n: sql<number>`count(*)::int`.as('n') })
    .from(labels)
    .where(and(eq(labels.roundId, roundId), isNull(labels.withdrawnAt)))
    .groupBy(labels.itemId)
    .as('counted');
  return tx
    .select({ itemId: items.id, state: items.state, labels: sql<number>`coalesce(${counted.n}, 0)` })
    .from(items)
    .innerJoin(rounds, eq(rounds.id, items.roundId))
    .leftJoin(counted, eq(counted.itemId, items.id))
    .where(and(eq(items.roundId, roundId), holds));
}

async function rulingsOf(tx: Tx, ids: readonly ItemId[]): Promise<Map<ItemId, ContestedItem['rulings']>> {
  const byItem = new Map<ItemId, ContestedItem['rulings']>();
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
    const rows = await tx
      .select({ itemId: rulings.itemId, researcher: people.name, stage: rulings.stage })
      .from(rulings)
      .innerJoin(people, eq(people.id, rulings.researcherId))
      .where(inArray(rulings.itemId, ids.slice(at, at + IDS_PER_QUERY)))
      .orderBy(rulings.ruledAt, rulings.id);
    for (const { itemId, ...ruling } of rows) byItem.set(itemId, [...(byItem.get(itemId) ?? []), ruling]);
  }
  return byItem;
}

/** Parameters of one statement are limited. */
const IDS_PER_QUERY = 5_000;
