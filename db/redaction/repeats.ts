/**
 * Where the words of a text stand in other texts: a later turn of a conversation, a note that quotes it. Each is a text of its
 * own, to be redacted by its own hash.
 */
import { eq, sql } from 'drizzle-orm';
import type { Json } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { failureCode } from '../failures';
import { texts } from '../schema';

export interface Repeats {
  texts: { hashes: string[]; more: boolean };
  /** Rows of other tables that have the words, by what they are; none of them is more than COUNTED_AT_MOST. */
  beside: Record<Place, number>;
}

/** Beside the texts: where people and files may have said it again. Names, reasons of acts and settings are not looked through. */
const PLACES = {
  metadata: ['prompts', 'metadata'],
  answers: ['labels', 'answers'],
  lateAnswers: ['refused_labels', 'answers'],
  rulings: ['rulings', 'answers'],
  manuals: ['manual_revisions', 'content'],
  capabilityTables: ['capability_tables', 'content'],
  specs: ['rounds', 'spec'],
  schedules: ['schedules', 'plan'],
} as const;
export type Place = keyof typeof PLACES;

/** Where as many are found, there may be more. */
export const COUNTED_AT_MOST = 1_000;
/** Shorter words stand everywhere. */
const SHORTEST = 12;
const NAMED = 20;
const LONGEST_MS = 30_000;
const CANCELLED = '57014';

/**
 * Every stored text is looked through, and what stands beside them, for the longest of what the text says.
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
      const until = Date.now() + LONGEST_MS;
      await giveUpAt(tx, until);
      const found = await tx.execute<{ hash: string }>(
        sql`select hash from texts where hash <> ${hash} and ${has('body')} order by hash limit ${NAMED + 1}`,
      );
      await giveUpAt(tx, until);
      const counts = Object.entries(PLACES).map(([place, [table, column]]) => {
        const own =
          table === 'prompts' ? sql`messages_hash <> ${hash} and completion_hash is distinct from ${hash} and` : sql``;
        return sql`(select count(*)::int from (select 1 from ${sql.raw(table)}
          where ${own} ${has(`${column}::text`)} limit ${COUNTED_AT_MOST}) t) as ${sql.identifier(place)}`;
      });
      const [beside] = await tx.execute<Record<Place, number>>(sql`select ${sql.join(counts, sql`, `)}`);
      if (!beside) throw new Error('a count gave no row');
      const hashes = found.slice(0, NAMED).map((row) => row.hash);
      return { texts: { hashes, more: found.length > NAMED }, beside: { ...beside } };
    });
  } catch (error) {
    if (failureCode(error) === CANCELLED) return undefined;
    throw error;
  }
}

async function giveUpAt(tx: Tx, until: number): Promise<void> {
  const left = Math.max(1, until - Date.now());
  await tx.execute(sql`select set_config('statement_timeout', ${String(left)}, true)`);
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
