/** Labellers: who they are, which groups they belong to, which requirements they meet. */
import { and, asc, eq, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import type { LabellerKind } from '../../domain/states';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { audit, labellers, members, people } from '../schema';
import { PeopleError } from './errors';
import { ensurePerson } from './person';
import { putUnderTerms } from './terms';
import { issueToken } from './tokens';

export interface Labeller {
  id: PersonId;
  name: string;
  kind: LabellerKind;
  groups: string[];
  /** Requirements met, such as `lang:de`. */
  holds: string[];
  removedAt: Date | null;
  /** Gets no items since then. */
  suspended: { at: Date; by: string; why: string } | null;
  /** What they were invited under, by the hash of the text; `agreedAt` null: they have not agreed yet, and get no items. */
  terms: { hash: string; agreedAt: Date | null } | null;
}
export interface Invitation {
  name: string;
  kind: LabellerKind;
  groups: readonly string[];
  holds: readonly string[];
  /** A text that they must agree to before the first item; left out: none, or the earlier one goes on. */
  terms?: string | undefined;
}

export interface Invited {
  labellerId: PersonId;
  token: string;
  /** They were a labeller before. */
  again: boolean;
}

/**
 * Makes somebody a labeller and gives them a token, shown this once. Inviting again brings groups and requirements up to
 * date and gives one more token; the earlier ones go on working. Other terms than before are to be agreed to anew.
 * @throws PeopleError if the name is empty, a removed person's, or a labeller's of another kind.
 */
export function inviteLabeller(db: Db, invitation: Invitation): Promise<Invited> {
  return db.transaction(async (tx) => {
    const { id } = await ensurePerson(tx, invitation.name, ['labeller']);
    const groups = distinct(invitation.groups);
    const holds = distinct(invitation.holds);
    const values = { id, kind: invitation.kind, groups, holds };
    const made = await tx.insert(labellers).values(values).onConflictDoNothing().returning({ id: labellers.id });
    const labeller = await change(tx, id, { groups, holds });
    if (labeller?.kind !== invitation.kind) {
      throw new PeopleError(
        'other-kind',
        `${invitation.name} is a labeller of kind ${labeller?.kind}, not ${invitation.kind}`,
        'invite the other one under a name of its own',
      );
    }
    if (invitation.terms !== undefined) await putUnderTerms(tx, id, invitation.terms);
    return { labellerId: id, token: await issueToken(tx, id), again: made.length === 0 };
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
    if (!changed) throw noLabeller(id);
  });
}

export interface Adjusting {
  id: PersonId;
  groups: Adjustment;
  holds: Adjustment;
  by: PersonId;
  dryRun?: boolean;
}
/** What stands in both is taken away. */
export interface Adjustment {
  add: readonly string[];
  remove: readonly string[];
}
type Standing = Pick<Labeller, 'groups' | 'holds'>;

/**
 * Adds groups and requirements and takes others away; what is not named stays.
 * @throws PeopleError if nobody of this id is a labeller.
 */
export function adjustLabeller(
  db: Db,
  { id, groups, holds, by, dryRun = false }: Adjusting,
): Promise<{ before: Standing; after: Standing; changed: boolean }> {
  return db.transaction(async (tx) => {
    const [before] = await tx.select().from(labellers).where(eq(labellers.id, id)).for('update');
    if (!before) throw noLabeller(id);
    const after = { groups: adjusted(before.groups, groups), holds: adjusted(before.holds, holds) };
    const changed = !same(before.groups, after.groups) || !same(before.holds, after.holds);
    if (changed && !dryRun) {
      await change(tx, id, after);
      await tx.insert(audit).values({ actor: by, action: 'labeller.set', subject: id, detail: after });
    }
    return { before: { groups: before.groups, holds: before.holds }, after, changed };
  });
}

function adjusted(before: readonly string[], { add, remove }: Adjustment): string[] {
  const away = new Set(remove.map(wellFormed));
  return distinct([...before, ...add]).filter((one) => !away.has(one));
}

export function noLabeller(id: PersonId): PeopleError {
  return new PeopleError('unknown-person', `no labeller has the id ${id}`, 'see `plumbline labeller list`');
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
  await startOver(tx, id);
  return after;
}

/** The labeller walks every queue from its start. */
export async function startOver(tx: Tx, id: PersonId): Promise<void> {
  await tx.update(members).set({ cursor: 0 }).where(eq(members.labellerId, id));
}

/** By name. @param group only those of this group. */
export async function listLabellers(tx: Tx, { group }: { group?: string | undefined } = {}): Promise<Labeller[]> {
  const rows = await selectLabellers(tx)
    .where(group === undefined ? undefined : inGroups([group]))
    .orderBy(asc(people.name));
  return rows.map(labellerFrom);
}

/** @returns undefined for somebody who does not label. */
export async function labellerOf(tx: Tx, id: PersonId): Promise<Labeller | undefined> {
  const [row] = await selectLabellers(tx).where(eq(labellers.id, id));
  return row && labellerFrom(row);
}

/** To be narrowed down. */
function selectLabellers(tx: Tx) {
  return tx
    .select({ labeller: labellers, name: people.name, removedAt: people.removedAt })
    .from(labellers)
    .innerJoin(people, eq(people.id, labellers.id))
    .$dynamic();
}

type LabellerRow = { labeller: typeof labellers.$inferSelect; name: string; removedAt: Date | null };

function labellerFrom({ labeller, name, removedAt }: LabellerRow): Labeller {
  const { id, kind, groups, holds, suspendedAt, suspendedBy, suspendedWhy, termsHash, agreedAt } = labeller;
  const suspended = suspendedAt && { at: suspendedAt, by: suspendedBy ?? '', why: suspendedWhy ?? '' };
  const terms = termsHash === null ? null : { hash: termsHash, agreedAt };
  return { id, name, kind, groups, holds, removedAt, suspended, terms };
}

function inGroups(groups: readonly string[]): SQL {
  return sql`${labellers.groups} && ${textArray(groups)}`;
}

export interface Taking {
  /** None: everybody. */
  groups: readonly string[];
  /** Whether simulated labellers may take part: where each of the round's models is simulated, too. */
  simulated: boolean;
}

/** Who could take part in a round, by name. The removed and the suspended do not count. */
export async function eligibleLabellers(tx: Tx, { groups, simulated }: Taking): Promise<Labeller[]> {
  const rows = await selectLabellers(tx)
    .where(
      and(
        isNull(people.removedAt),
        isNull(labellers.suspendedAt),
        groups.length > 0 ? inGroups(groups) : undefined,
        simulated ? undefined : ne(labellers.kind, 'simulated'),
      ),
    )
    .orderBy(asc(people.name));
  return rows.map(labellerFrom);
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
