/** Prompts that would bring a redacted text back. */
import { inArray, isNotNull, sql } from 'drizzle-orm';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { canonicalJson, hashText } from '../../domain/text';
import type { Tx } from '../connection';
import { texts } from '../schema';

/** Prompts that are looked up at once, and the most that are named. */
const AT_ONCE = 1_000;
const NAMED = 10;

/**
 * The external ids of prompts whose messages, or given completions, were redacted: the first few. A set that is read from the
 * database has none: it passes over what is left of them.
 */
export async function redactedAgain(tx: Tx, source: PromptSource): Promise<string[]> {
  if (!(await anyRedacted(tx))) return [];
  const found: string[] = [];
  let batch: NewPrompt[] = [];
  for await (const prompt of source.prompts()) {
    batch.push(prompt);
    if (batch.length < AT_ONCE) continue;
    found.push(...(await redactedOf(tx, batch)));
    batch = [];
  }
  found.push(...(await redactedOf(tx, batch)));
  return found.slice(0, NAMED);
}

async function anyRedacted(tx: Tx): Promise<boolean> {
  const [row] = await tx.select({ hash: texts.hash }).from(texts).where(isNotNull(texts.redactedAt)).limit(1);
  return row !== undefined;
}

async function redactedOf(tx: Tx, batch: readonly NewPrompt[]): Promise<string[]> {
  const hashed = batch.map(({ externalId, messages, completion }) => ({
    externalId,
    hashes: [canonicalJson(messages), ...(completion === undefined ? [] : [completion])].map(hashText),
  }));
  if (hashed.length === 0) return [];
  const rows = await tx
    .select({ hash: texts.hash })
    .from(texts)
    .where(
      sql`${inArray(
        texts.hash,
        hashed.flatMap(({ hashes }) => hashes),
      )} and ${texts.redactedAt} is not null`,
    );
  const redacted = new Set(rows.map(({ hash }) => hash));
  return hashed.filter(({ hashes }) => hashes.some((hash) => redacted.has(hash))).map(({ externalId }) => externalId);
}
