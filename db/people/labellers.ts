/** Labellers: who they are, which groups they belong to, which requirements they meet. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import type { LabellerKind } from '../../domain/states';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { labellers, members, people } from '../schema';
import { PeopleError } from './errors';
import { ensurePerson } from './person';
import { issueToken } from './tokens';

export interface Labeller {
  id: PersonId;
  name: string;
  kind: LabellerKind;
  groups: string[];
  /** Requirements met, such as `lang:de`. */
  holds: string[];
  removedAt: Date | null;
}
export interface Invitation {
  name: string;
  kind: LabellerKind;
  groups: readonly string[];
  holds: readonly string[];
}

/**
 * Makes somebody a labeller and gives them a token, shown this once. Inviting again brings groups and requirements up to
 * date and gives one more token; the earlier ones go on working.
 * @throws PeopleError if the name is empty, a removed person's, or a labeller's of another kind.
 */
export function inviteLabeller(db: Db, invitation: Invitation): Promise<{ labellerId: PersonId; token: string }> {
  return db.transaction(async (tx) => {
    const { id } = await ensurePerson(tx, invitation.name, ['labeller']);
    const groups = distinct(invitation.groups);
    const holds = distinct(invitation.holds);
    await tx.insert(labellers).values({ id, kind: invitation.kind, groups, holds }).onConflictDoNothing();
    const labeller = await change(tx, id, { groups, holds });
    if (labeller?.kind !== invitation.kind) {
      throw new PeopleError(
        'other-kind',
        `${invitation.name} is a labeller of kind ${labeller?.kind}, not ${invitation.kind}`,
        'invite the other one under a name of its own',
      );
    }
    return { labellerId: id, token: await issueToken(tx, id) };
  });
}

/** Sets what is given. @throws PeopleError if nobody of this id is a labeller. */
export async function changeLabeller(
  db: Db,
  id: PersonId,
  to: { groups?: readonly string[]; holds?: readonly string[] },
): Promise<void> {
  await db.transaction(async (tx) => {
    const changed = await change(tx, id, {
      ...(to.groups && { groups: distinct(to.groups) }),
      ...(to.holds && { holds: distinct(to.holds) }),
    });
    if (changed) return;
    throw new PeopleError('unknown-person', `no labeller has the id ${id}`, 'see `plumbline labeller list`');
  });
}

/**
 * A labeller's cursors passed what they could not have then: with other groups or requirements they walk every queue from
 * its start. The lock keeps them from joining a round meanwhile, whose cursor this would miss.
 */
async function change(tx: Tx, id: PersonId, to: { groups?: string[]; holds?: string[] }) {
  const [before] = await tx.select().from(labellers).where(eq(labellers.id, id)).for('update');
  if (!before) return undefined;
  const after = { ...before, ...to };
  if (same(before.groups, after.groups) && same(before.holds, after.holds)) return before;
  await tx.update(labellers).set({ groups: after.groups, holds: after.holds }).where(eq(labellers.id, id));
  await tx.update(members).set({ cursor: 0 }).where(eq(members.labellerId, id));
  return after;
}

/** By name. */
export function listLabellers(tx: Tx): Promise<Labeller[]> {
  return tx
    .select({
      id: labellers.id,
      name: people.name,
      kind: labellers.kind,
      groups: labellers.groups,
      holds: labellers.holds,
      removedAt: people.removedAt,
    })
    .from(labellers)
    .innerJoin(people, eq(people.id, labellers.id))
    .orderBy(asc(people.name));
}

/** Labellers who could take part in a round for these groups; none named: all who are not removed. */
export async function countEligibleLabellers(tx: Tx, groups: readonly string[]): Promise<number> {
  const [row] = await tx
    .select({ n: sql<number>`count(*)::int` })
    .from(labellers)
    .innerJoin(people, eq(people.id, labellers.id))
    .where(and(isNull(people.removedAt), sql`(${groups.length} = 0 or ${labellers.groups} && ${textArray(groups)})`));
  return row?.n ?? 0;
}

/** As JSON, so that a list of any length, also an empty one, is one parameter. */
function textArray(values: readonly string[]) {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb))`;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names.map(wellFormed))].sort();
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
