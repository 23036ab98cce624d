/** What a ruling is judged by: the item with its row locked, who labelled it, who has ruled on it. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Answers } from '../../domain/forms';
import type { ItemId, PersonId, RulingId } from '../../domain/ids';
import type { Stage } from '../../domain/rulings';
import type { ItemState } from '../../domain/states';
import type { Tx } from '../connection';
import { type RoundRow, readRound } from '../rounds/read';
import { items, labels, people, rulings } from '../schema';

export type LockedItem = NonNullable<Awaited<ReturnType<typeof lockItem>>>;

/** One ruling at a time: whoever waits for the lock reads, in later statements, what the one before wrote. */
export async function lockItem(tx: Tx, id: ItemId) {
  const [item] = await tx
    .select({
      id: items.id,
      roundId: items.roundId,
      shard: items.shard,
      modelId: items.modelId,
      state: items.state,
      hasCompletion: sql<boolean>`${items.completionHash} is not null`,
      quarantined: sql<boolean>`${items.quarantinedAt} is not null`,
    })
    .from(items)
    .where(eq(items.id, id))
    .for('no key update');
  return item;
}

export interface GivenRuling {
  id: RulingId;
  researcherId: PersonId;
  /** The researcher's name. */
  researcher: string;
  stage: Stage;
  answers: Answers;
}

export interface Standing {
  item: LockedItem;
  round: RoundRow;
  /** The researcher has a counted label on the item. */
  labelled: boolean;
  /** The researcher's own, by stage. */
  own: Partial<Record<Stage, GivenRuling>>;
  /** Somebody else's. */
  another: GivenRuling | undefined;
}

/** Call with the item's row locked. */
export async function readStanding(tx: Tx, item: LockedItem, researcherId: PersonId): Promise<Standing> {
  const [label] = await tx
    .select({ id: labels.id })
    .from(labels)
    .where(and(eq(labels.itemId, item.id), eq(labels.labellerId, researcherId), isNull(labels.withdrawnAt)))
    .limit(1);
  const given = await rulingsOn(tx, item.id);
  const own = given.filter((ruling) => ruling.researcherId === researcherId);
  return {
    item,
    round: await readRound(tx, item.roundId),
    labelled: label !== undefined,
    own: Object.fromEntries(own.map((ruling) => [ruling.stage, ruling])),
    another: given.find((ruling) => ruling.researcherId !== researcherId),
  };
}

/** Oldest first. */
export function rulingsOn(tx: Tx, itemId: ItemId): Promise<GivenRuling[]> {
  return tx
    .select({
      id: rulings.id,
      researcherId: rulings.researcherId,
      researcher: people.name,
      stage: rulings.stage,
      answers: rulings.answers,
    })
    .from(rulings)
    .innerJoin(people, eq(people.id, rulings.researcherId))
    .where(eq(rulings.itemId, itemId))
    .orderBy(rulings.ruledAt, rulings.id);
}

/** Contested, or left unsettled at the deadline though there is something to judge. */
export function mayBeRuledOn({ state, hasCompletion }: { state: ItemState; hasCompletion: boolean }): boolean {
  return state === 'contested' || (state === 'unresolved' && hasCompletion);
}
