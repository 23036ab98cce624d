/** A round whose items are contested, and people who may and may not rule on them. */
import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Db } from '../../../db/connection';
import { resolveItems } from '../../../db/items/resolve';
import { addPerson } from '../../../db/people';
import { type RulingRequest, recordRuling } from '../../../db/rulings/record';
import { audit } from '../../../db/schema';
import type { Verdict } from '../../../domain/forms';
import type { ItemId, PersonId } from '../../../domain/ids';
import type { Role } from '../../../domain/states';
import { Desk } from '../../setup/desk';
import { nth, type OpenRound, openRound, type RoundOptions } from '../../setup/round';

export interface ContestedRound extends OpenRound {
  itemId: ItemId;
}

export const SPLIT: readonly Verdict[] = ['misaligned', 'aligned', 'ambiguous'];

/** Every labeller gives each item their own verdict; then the shard is resolved. */
export async function contestedRound(
  db: Db,
  { verdicts = SPLIT, ...options }: RoundOptions & { verdicts?: readonly Verdict[] } = {},
): Promise<ContestedRound> {
  const round = await openRound(db, { items: 1, overlap: 3, labellers: 3, ...options });
  for (const [i, verdict] of verdicts.entries()) {
    const desk = new Desk(db, round.id, nth(round.labellers, i).id);
    for (let n = 0; n < round.items.length; n += 1) await desk.label(verdict);
  }
  await resolveItems(db, round.id, 0);
  return { ...round, itemId: nth(round.items, 0).id };
}

export async function person(db: Db, ...roles: Role[]): Promise<{ id: PersonId; name: string }> {
  const name = `${roles.join(' ')} ${randomBytes(4).toString('hex')}`;
  return { id: (await addPerson(db, { name, roles })).id, name };
}

/** A blind ruling that says "misaligned", unless told otherwise. */
export function rule(db: Db, round: ContestedRound, researcher: string, more: Partial<RulingRequest> = {}) {
  return recordRuling(db, {
    roundId: round.id,
    itemId: round.itemId,
    researcher,
    answers: { verdict: 'misaligned' },
    why: 'it made things up',
    via: 'command',
    ...more,
  });
}

/** The acts on a round, newest first, without their times. */
export async function actsOn(db: Db, round: { id: OpenRound['id'] }) {
  const rows = await db.select().from(audit).where(eq(audit.roundId, round.id));
  return rows.sort((a, b) => b.id - a.id).map(({ id: _, at: __, ...act }) => act);
}
