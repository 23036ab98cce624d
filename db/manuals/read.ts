/** Manual revisions and capability tables by content hash: what a hash names never changes, so it is kept once read. */
import { eq } from 'drizzle-orm';
import type { CapabilityTable } from '../../domain/capability';
import { NO_WORDS, type Vocabulary } from '../../domain/forms';
import type { ManualHash, RoundId, TableHash } from '../../domain/ids';
import { type Manual, vocabularyOf } from '../../domain/manual';
import type { Tx } from '../connection';
import { capabilityTables, manualRevisions, rounds } from '../schema';
import { Remembered } from './remembered';

export interface StoredManual {
  hash: ManualHash;
  revision: number;
  manual: Manual;
  words: Vocabulary;
}

const manuals = new Remembered<ManualHash, StoredManual>();
const tables = new Remembered<TableHash, CapabilityTable>();

/** @throws Error for a hash that is not stored: rounds point at what is. */
export function readManual(tx: Tx, hash: ManualHash): Promise<StoredManual> {
  return manuals.get(hash, async () => {
    const [row] = await tx.select().from(manualRevisions).where(eq(manualRevisions.hash, hash));
    if (!row) throw new Error(`no manual revision ${hash}`);
    return { hash, revision: row.revision, manual: row.content, words: vocabularyOf(row.content) };
  });
}

/** @returns null for a round without a manual, undefined for an id that no round has. */
export async function manualOfRound(tx: Tx, roundId: RoundId): Promise<StoredManual | null | undefined> {
  const [round] = await tx.select({ hash: rounds.manualRevision }).from(rounds).where(eq(rounds.id, roundId));
  if (!round) return undefined;
  return round.hash === null ? null : readManual(tx, round.hash);
}

/** What answers may cite under a round's manual; nothing where it has none. */
export async function wordsOf(tx: Tx, hash: ManualHash | null): Promise<Vocabulary> {
  return hash === null ? NO_WORDS : (await readManual(tx, hash)).words;
}

/** @throws Error for a hash that is not stored. */
export function readTable(tx: Tx, hash: TableHash): Promise<CapabilityTable> {
  return tables.get(hash, async () => {
    const [row] = await tx.select().from(capabilityTables).where(eq(capabilityTables.hash, hash));
    if (!row) throw new Error(`no capability table ${hash}`);
    return row.content;
  });
}
