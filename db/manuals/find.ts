/** Manuals and capability tables as people name them: `starter` (the newest), `starter@2`, or the beginning of a hash. */
import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { CapabilityTable } from '../../domain/capability';
import type { ManualHash, TableHash } from '../../domain/ids';
import type { Manual } from '../../domain/manual';
import { ProblemsError } from '../../domain/problems';
import { wellFormed } from '../../domain/text';
import type { Tx } from '../connection';
import { capabilityTables, manualRevisions, people } from '../schema';

export interface FoundManual {
  hash: ManualHash;
  revision: number;
  manual: Manual;
  importedAt: Date;
  /** The person's name. */
  importedBy: string;
}
export interface FoundTable {
  hash: TableHash;
  revision: number;
  table: CapabilityTable;
  importedAt: Date;
  importedBy: string;
}

/** @throws ProblemsError (`ambiguous-manual`) if several hashes begin so. */
export async function findManual(tx: Tx, ref: string): Promise<FoundManual | undefined> {
  const find = (where: SQL | undefined, limit: number) =>
    tx
      .select({
        hash: manualRevisions.hash,
        revision: manualRevisions.revision,
        manual: manualRevisions.content,
        importedAt: manualRevisions.importedAt,
        importedBy: people.name,
      })
      .from(manualRevisions)
      .innerJoin(people, eq(people.id, manualRevisions.importedBy))
      .where(where)
      .orderBy(desc(manualRevisions.revision), manualRevisions.hash)
      .limit(limit);
  const { name, revision, prefix } = readReference(ref);
  const [named] = await find(
    and(eq(manualRevisions.name, name), revision === null ? undefined : eq(manualRevisions.revision, revision)),
    1,
  );
  if (named || prefix === null) return named;
  const found = await find(sql`starts_with(${manualRevisions.hash}, ${prefix})`, 2);
  return theOnly('manual', found, prefix);
}

/**
 * @param manual leave out all tables but this manual's.
 * @throws ProblemsError (`ambiguous-table`) if several hashes begin so.
 */
export async function findTable(tx: Tx, ref: string, manual?: string): Promise<FoundTable | undefined> {
  const find = (where: SQL | undefined, limit: number) =>
    tx
      .select({
        hash: capabilityTables.hash,
        revision: capabilityTables.revision,
        table: capabilityTables.content,
        importedAt: capabilityTables.importedAt,
        importedBy: people.name,
      })
      .from(capabilityTables)
      .innerJoin(people, eq(people.id, capabilityTables.importedBy))
      .where(and(where, manual === undefined ? undefined : eq(capabilityTables.manual, manual)))
      .orderBy(desc(capabilityTables.revision), capabilityTables.hash)
      .limit(limit);
  const { name, revision, prefix } = readReference(ref);
  const [named] = await find(
    and(eq(capabilityTables.manual, name), revision === null ? undefined : eq(capabilityTables.revision, revision)),
    1,
  );
  if (named || prefix === null) return named;
  const found = await find(sql`starts_with(${capabilityTables.hash}, ${prefix})`, 2);
  return theOnly('table', found, prefix);
}

/** @returns undefined for a manual without a table. */
export function newestTable(tx: Tx, manual: string): Promise<FoundTable | undefined> {
  return findTable(tx, manual, manual);
}

interface Reference {
  name: string;
  /** null: the newest. */
  revision: number | null;
  /** null: cannot be the beginning of a hash. */
  prefix: string | null;
}

const NUMBERED = /^(.*)@([1-9]\d{0,8})$/s;
const HASH = /^[0-9a-f]{8,64}$/i;

function readReference(ref: string): Reference {
  const given = wellFormed(ref);
  const [, name, number] = NUMBERED.exec(given) ?? [];
  if (name !== undefined) return { name, revision: Number(number), prefix: null };
  return { name: given, revision: null, prefix: HASH.test(given) ? given.toLowerCase() : null };
}

function theOnly<T extends { hash: string }>(kind: 'manual' | 'table', found: readonly T[], prefix: string) {
  const [first, second] = found;
  if (!second) return first;
  const message = `several begin with ${prefix}`;
  throw ProblemsError.of({ kind: `ambiguous-${kind}`, message, hint: 'write more of the hash' });
}
