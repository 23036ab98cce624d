/** Which manuals and capability tables there are, without their texts. */
import { asc, desc, eq, sql } from 'drizzle-orm';
import type { FormName } from '../../domain/forms';
import type { ManualHash, TableHash } from '../../domain/ids';
import type { Tx } from '../connection';
import { capabilityTables, manualRevisions, people, rounds } from '../schema';

export interface ManualSummary {
  name: string;
  revision: number;
  hash: ManualHash;
  title: string;
  form: FormName;
  clauses: number;
  entries: number;
  examples: number;
  /** Rounds that rest on it. */
  rounds: number;
  importedAt: Date;
  /** The person's name. */
  importedBy: string;
}
export interface TableSummary {
  manual: string;
  revision: number;
  hash: TableHash;
  cells: number;
  /** Rounds whose labels are derived by it now. */
  rounds: number;
  importedAt: Date;
  importedBy: string;
}

/** By name, the newest revision first. */
export function listManuals(tx: Tx): Promise<ManualSummary[]> {
  const { content } = manualRevisions;
  const sizeOf = (part: 'clauses' | 'entries' | 'examples') => sql<number>`jsonb_array_length(${content}->${part})`;
  return tx
    .select({
      name: manualRevisions.name,
      revision: manualRevisions.revision,
      hash: manualRevisions.hash,
      title: sql<string>`${content}->>'title'`,
      form: manualRevisions.form,
      clauses: sizeOf('clauses'),
      entries: sizeOf('entries'),
      examples: sizeOf('examples'),
      rounds: tx.$count(rounds, eq(rounds.manualRevision, manualRevisions.hash)),
      importedAt: manualRevisions.importedAt,
      importedBy: people.name,
    })
    .from(manualRevisions)
    .innerJoin(people, eq(people.id, manualRevisions.importedBy))
    .orderBy(asc(manualRevisions.name), desc(manualRevisions.revision));
}

/** By manual, the newest revision first. */
export function listTables(tx: Tx): Promise<TableSummary[]> {
  return tx
    .select({
      manual: capabilityTables.manual,
      revision: capabilityTables.revision,
      hash: capabilityTables.hash,
      cells: sql<number>`jsonb_array_length(${capabilityTables.content}->'cells')`,
      rounds: tx.$count(rounds, eq(rounds.capabilityTable, capabilityTables.hash)),
      importedAt: capabilityTables.importedAt,
      importedBy: people.name,
    })
    .from(capabilityTables)
    .innerJoin(people, eq(people.id, capabilityTables.importedBy))
    .orderBy(asc(capabilityTables.manual), desc(capabilityTables.revision));
}
