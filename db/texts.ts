/** Texts by content hash: written once, read by hash. */
import { inArray } from 'drizzle-orm';
import { hashText } from '../domain/text';
import type { Tx } from './connection';
import { texts } from './schema';

/** Stores well-formed texts and returns their hashes in the same order. */
export async function saveTexts(tx: Tx, bodies: readonly string[]): Promise<string[]> {
  const rows = bodies.map((body) => ({ hash: hashText(body), body }));
  const distinct = [...new Map(rows.map((row) => [row.hash, row])).values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
  if (distinct.length > 0) await tx.insert(texts).values(distinct).onConflictDoNothing();
  return rows.map((row) => row.hash);
}

export async function saveText(tx: Tx, body: string): Promise<string> {
  const hash = hashText(body);
  await tx.insert(texts).values({ hash, body }).onConflictDoNothing();
  return hash;
}

/** @throws Error for a hash that is not stored: a row points at it, so the database would have refused. */
export async function readTexts(tx: Tx, hashes: readonly string[]): Promise<Map<string, string>> {
  if (hashes.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(texts)
    .where(inArray(texts.hash, [...hashes]));
  return new Map(rows.map((row) => [row.hash, row.body]));
}
