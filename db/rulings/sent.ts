/** A ruling as it came, by command or by a signal that anybody may have written. */
import { type ItemId, isUuid, type RoundId } from '../../domain/ids';
import { STAGES, type Stage } from '../../domain/rulings';
import { wellFormed } from '../../domain/text';

/** Nothing but the round is known to be what it should be. */
export interface RulingSent {
  /** The round that it must be an item of; null: whichever the item is of. */
  roundId: RoundId | null;
  itemId: unknown;
  /** A person's id; by command it may be a name. */
  researcher: unknown;
  stage?: unknown;
  /** true: knows that another researcher has ruled on it, and rules on it all the same. */
  second?: unknown;
  answers: unknown;
  /** What else was sent: a ruling has no other fields. */
  others?: readonly string[];
}

/** The same as far as it can be read without looking anything up. */
export interface RulingRead {
  /** null: no item can have this id. */
  itemId: ItemId | null;
  researcher: string;
  stage: Stage;
  second: boolean;
  answers: unknown;
}

/** @returns what was said, or the first field that is not as described. */
export function readSent({
  itemId,
  researcher,
  stage = 'blind',
  second = false,
  answers,
  others = [],
}: RulingSent): RulingRead | { malformedAt: string } {
  if (typeof itemId !== 'string') return { malformedAt: 'itemId' };
  if (typeof researcher !== 'string' || researcher === '') return { malformedAt: 'researcherId' };
  const known = STAGES.find((one) => one === stage);
  if (!known) return { malformedAt: 'stage' };
  if (typeof second !== 'boolean') return { malformedAt: 'second' };
  if (typeof answers !== 'object' || answers === null || Array.isArray(answers)) return { malformedAt: 'answers' };
  const [other] = others;
  if (other !== undefined) return { malformedAt: inShort(other) };
  return { itemId: itemIdIn(itemId), researcher, stage: known, second, answers };
}

function itemIdIn(text: string): ItemId | null {
  const id = text.toLowerCase();
  return isItemId(id) ? id : null;
}

function isItemId(text: string): text is ItemId {
  return isUuid(text);
}

const LONGEST = 100;

/** What a record of a refusal keeps of an id as it was sent. */
export function inShort(sent: unknown): string {
  if (typeof sent !== 'string' || sent === '') return '-';
  return wellFormed(sent.slice(0, LONGEST));
}
