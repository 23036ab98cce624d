/** Why a round stands still, and what stands still with it. */
import { sql } from 'drizzle-orm';
import { isPaused } from '../../domain/pausing';
import type { Tx } from '../connection';
import { people } from '../schema';
import type { RoundRow } from './read';

export interface Standstill {
  /** A person's word goes before the round's own hold. */
  by: 'person' | 'budget';
  /** Whoever paused it, by name; null where the round holds its calls by itself. */
  who: string | null;
  /** ISO 8601. */
  since: string;
  why: string | null;
  /** Whether people are served items all the same: not under a person's pause. */
  labelling: boolean;
  /** Its budget leaves no room: also where a person has paused it. */
  held: boolean;
}

/** null: it goes on, or has ended. */
export async function standstillOf(tx: Tx, round: RoundRow): Promise<Standstill | null> {
  const { pausedAt, pausedBy, pausedWhy, heldAt, heldCode } = round;
  if (!isPaused(round)) return null;
  const held = heldAt !== null;
  if (pausedAt) {
    const [person] = await tx.select({ name: people.name }).from(people).where(sql`${people.id} = ${pausedBy}`);
    const who = person?.name ?? pausedBy;
    return { by: 'person', who, since: pausedAt.toISOString(), why: pausedWhy, labelling: false, held };
  }
  if (!heldAt) return null;
  return { by: 'budget', who: null, since: heldAt.toISOString(), why: heldCode, labelling: true, held };
}
