/**
 * Where the words of a text stand in other texts: a later turn of a conversation, a note that quotes it. Each is a text of its
 * own, to be redacted by its own hash.
 */
import { eq, sql } from 'drizzle-orm';
import type { Json } from '../../domain/text';
import type { Db } from '../connection';
import { failureCode } from '../failures';
import { texts } from '../schema';

export interface Repeats {
  texts: { hashes: string[]; more: boolean };
  /** Prompts of other texts whose metadata has the words. */
  prompts: number;
  /** Labels in whose answers they stand. */
  answers: number;
}

/** Shorter words stand everywhere. */
const SHORTEST = 12;
const NAMED = 20;
const MOST = 1_000;
const LONGEST_MS = 30_000;
const CANCELLED = '57014';

/**
 * Every stored text is looked through.
 * @returns undefined where the words are too short to say anything, or the search took too long.
 */
export async function repeatsOf(db: Db, hash: string): Promise<Repeats | undefined> {
  const [text] = await db.select({ body: texts.body }).from(texts).where(eq(texts.hash, hash));
  const words = text && wordsOf(text.body);
  if (words === undefined || words.length < SHORTEST) return undefined;
  // As they stand inside JSON, and as they stand in a note.
  const quoted = JSON.stringify(words).slice(1, -1);
  const has = (column: string) =>
    sql`(strpos(${sql.raw(column)}, ${quoted}) > 0 or strpos(${sql.raw(column)}, ${words}) > 0)`;
  try {
    return await db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('statement_timeout', ${String(LONGEST_MS)}, true)`);
      const found = await tx.execute<{ hash: string }>(
        sql`select hash from texts where hash <> ${hash} and ${has('body')} order by hash limit ${NAMED + 1}`,
      );
      const [beside] = await tx.execute<{ prompts: number; answers: number }>(sql`select
        (select count(*)::int from (select 1 from prompts where messages_hash <> ${hash}
          and completion_hash is distinct from ${hash} and ${has('metadata::text')} limit ${MOST}) p) as prompts,
        (select count(*)::int from (select 1 from labels where ${has('answers::text')} limit ${MOST}) l) as answers`);
      const hashes = found.slice(0, NAMED).map((row) => row.hash);
      return {
        texts: { hashes, more: found.length > NAMED },
        prompts: beside?.prompts ?? 0,
        answers: beside?.answers ?? 0,
      };
    });
  } catch (error) {
    if (failureCode(error) === CANCELLED) return undefined;
    throw error;
  }
}

/** The longest of what is said in messages; all of a text that holds none. */
function wordsOf(body: string): string {
  let read: Json;
  try {
    read = JSON.parse(body);
  } catch {
    return body;
  }
  const said = saidIn(read);
  return said.length === 0 ? body : said.reduce((a, b) => (b.length > a.length ? b : a));
}

function saidIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(saidIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(saidIn);
}
