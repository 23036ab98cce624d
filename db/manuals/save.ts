/** Keeping manuals and capability tables: one content, one row, however often it comes and from wherever. */
import { asc, desc, eq, sql } from 'drizzle-orm';
import { type CapabilityTable, hashTable } from '../../domain/capability';
import type { ManualHash, PersonId, TableHash } from '../../domain/ids';
import { hashManual, type Manual } from '../../domain/manual';
import { ProblemsError } from '../../domain/problems';
import { recordAct } from '../audit';
import type { Tx } from '../connection';
import { capabilityTables, manualRevisions, rounds } from '../schema';

export interface SavedManual {
  hash: ManualHash;
  /** From 1, per name. */
  revision: number;
  /** False where this content was stored before; then nothing is written. */
  created: boolean;
  /** The content that stood under this number before, now gone: no round had used it. */
  replaced: ManualHash | null;
}

/**
 * Stores a manual under the first number of its name. Other content of the same name gives way while no round rests on it.
 * Run it in a transaction of its own: it holds a lock on the name to its end.
 * @throws ProblemsError (`manual-in-use`) if rounds rest on what the name means now.
 */
export async function saveManual(tx: Tx, manual: Manual, by: PersonId): Promise<SavedManual> {
  const { name, form } = manual;
  const hash = hashManual(manual);
  await lockName(tx, `manual ${name}`);
  const [same] = await tx.select().from(manualRevisions).where(eq(manualRevisions.hash, hash));
  if (same) return { hash, revision: same.revision, created: false, replaced: null };
  const replaced = await removeUnused(tx, name);
  const revision = replaced?.revision ?? 1;
  await tx.insert(manualRevisions).values({ hash, name, revision, form, content: manual, importedBy: by });
  const detail = { hash, ...(replaced && { replaced: replaced.hash }) };
  await recordAct(tx, { actor: by, action: 'manual.init', subject: `${name}@${revision}`, detail });
  return { hash, revision, created: true, replaced: replaced?.hash ?? null };
}

export interface SavedTable {
  hash: TableHash;
  /** From 1, per manual. */
  revision: number;
  created: boolean;
}

/** Stores a table under the next number of its manual; one that is there already keeps its own. */
export async function saveTable(tx: Tx, table: CapabilityTable, by: PersonId): Promise<SavedTable> {
  const { manual } = table;
  const hash = hashTable(table);
  await lockName(tx, `capability ${manual}`);
  const [same] = await tx.select().from(capabilityTables).where(eq(capabilityTables.hash, hash));
  if (same) return { hash, revision: same.revision, created: false };
  const [newest] = await tx
    .select({ revision: capabilityTables.revision })
    .from(capabilityTables)
    .where(eq(capabilityTables.manual, manual))
    .orderBy(desc(capabilityTables.revision))
    .limit(1);
  const revision = (newest?.revision ?? 0) + 1;
  await tx.insert(capabilityTables).values({ hash, manual, revision, content: table, importedBy: by });
  const subject = `${manual}@${revision}`;
  await recordAct(tx, { actor: by, action: 'capability.import', subject, detail: { hash } });
  return { hash, revision, created: true };
}

/** Whoever stores under the same name waits, so that numbers are given one after the other. */
async function lockName(tx: Tx, name: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}

/** Rounds that are named where a manual is in use. */
const SHOWN = 5;

async function removeUnused(tx: Tx, name: string): Promise<{ hash: ManualHash; revision: number } | undefined> {
  // The row's lock holds off a round that is being started on it, until it is gone or the round is to be seen.
  const [newest] = await tx
    .select({ hash: manualRevisions.hash, revision: manualRevisions.revision })
    .from(manualRevisions)
    .where(eq(manualRevisions.name, name))
    .orderBy(desc(manualRevisions.revision))
    .limit(1)
    .for('update');
  if (!newest) return undefined;
  const users = await tx
    .select({ id: rounds.id })
    .from(rounds)
    .where(eq(rounds.manualRevision, newest.hash))
    .orderBy(asc(rounds.createdAt))
    .limit(SHOWN + 1);
  if (users.length > 0) throw inUse(`${name}@${newest.revision}`, users);
  await tx.delete(manualRevisions).where(eq(manualRevisions.hash, newest.hash));
  return newest;
}

function inUse(revision: string, users: readonly { id: string }[]): ProblemsError {
  const ids = users.slice(0, SHOWN).map(({ id }) => id);
  const more = users.length > SHOWN ? ', …' : '';
  const message = `rounds rest on ${revision}: ${ids.join(', ')}${more}`;
  return ProblemsError.of({ kind: 'manual-in-use', message, hint: 'give the changed manual another name' });
}
