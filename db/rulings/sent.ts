/** A ruling as it came, by command or by a signal that anybody may have written. */
import type { ItemId, RoundId } from '../../domain/ids';
import { STAGES, type Stage } from '../../domain/rulings';
import { wellFormed } from '../../domain/text';

/** Nothing but the round is known to be what it should be. */
export interface RulingSent {
  /** The round that it must be an item of; null: whichever the item is of. */
  roundId: RoundId | null;
  itemId: unknown;
  /** A person's id or name. */
  researcher: unknown;
  stage?: unknown;
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
  answers: unknown;
}

/** @returns what was said, or the first field that is not as described. */
export function readSent({
  itemId,
  researcher,
  stage = 'blind',
  answers,
  others = [],
}: RulingSent): RulingRead | { malformedAt: string } {
  if (typeof itemId !== 'string') return { malformedAt: 'itemId' };
  if (typeof researcher !== 'string' || researcher === '') return { malformedAt: 'researcherId' };
  const known = STAGES.find((one) => one === stage);
  if (!known) return { malformedAt: 'stage' };
  if (typeof answers !== 'object' || answers === null || Array.isArray(answers)) return { malformedAt: 'answers' };
  const [other] = others;
  if (other !== undefined) return { malformedAt: inShort(other) };
  return { itemId: itemIdIn(itemId), researcher, stage: known, answers };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function itemIdIn(text: string): ItemId | null {
  const id = text.toLowerCase();
  return isItemId(id) ? id : null;
}

function isItemId(text: string): text is ItemId {
  return UUID.test(text);
}

const LONGEST = 100;

/** What a record of a refusal keeps of a name or an id as it was sent. */
export function inShort(sent: unknown): string {
  if (typeof sent !== 'string' || sent === '') return '-';
  return wellFormed(sent.slice(0, LONGEST));
}
