/** What a ruling is judged by: the item with its row locked, who labels it, who has ruled on it. */
import { eq } from 'drizzle-orm';
import type { Answers } from '../../domain/forms';
import type { ItemId, PersonId, RulingId } from '../../domain/ids';
import type { Stage } from '../../domain/rulings';
import type { Tx } from '../connection';
import type { LockedItem } from '../items/lock';
import { type RoundRow, readRound } from '../rounds/read';
import { items, people, rounds, rulings } from '../schema';
import { labelsIt, waitsForFirst, waitsForSecond } from './waiting';

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
  /** The researcher is to label the item, or has. */
  labelsIt: boolean;
  /** For somebody's ruling, while nobody has given one. */
  waitsForFirst: boolean;
  /** For one of somebody else on purpose, once somebody has. */
  waitsForSecond: boolean;
  /** The researcher's own, by stage. */
  own: Partial<Record<Stage, GivenRuling>>;
  /** Somebody else's. */
  another: GivenRuling | undefined;
}

/** Call with the item's row locked. */
export async function readStanding(tx: Tx, item: LockedItem, researcherId: PersonId): Promise<Standing> {
  const [may] = await tx
    .select({ labelsIt: labelsIt(researcherId), waitsForFirst, waitsForSecond })
    .from(items)
    .innerJoin(rounds, eq(rounds.id, items.roundId))
    .where(eq(items.id, item.id));
  if (!may) throw new Error('a locked item was not there');
  const given = await rulingsOn(tx, item.id);
  const own = given.filter((ruling) => ruling.researcherId === researcherId);
  return {
    item,
    round: await readRound(tx, item.roundId),
    ...may,
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
