/** Texts by content hash: written once, read by hash. */
import { inArray, type SQL, sql } from 'drizzle-orm';
import { hashText } from '../domain/text';
import type { Tx } from './connection';
import { prepared } from './prepared';
import { texts } from './schema';

/** Stores well-formed texts and returns their hashes in the same order. */
export async function saveTexts(tx: Tx, bodies: readonly string[]): Promise<string[]> {
  const rows = bodies.map((body) => ({ hash: hashText(body), body }));
  const distinct = [...new Map(rows.map((row) => [row.hash, row])).values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
  if (distinct.length > 0) await insertTexts(tx, distinct);
  return rows.map((row) => row.hash);
}

/** As one parameter, however many they are. */
function insertTexts(tx: Tx, rows: readonly { hash: string; body: string }[]) {
  return prepared(
    tx,
    'save texts',
    sql`
    insert into texts (hash, body)
    select hash, body from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as given(hash text, body text)
    on conflict do nothing`,
  );
}

export async function saveText(tx: Tx, body: string): Promise<string> {
  const hash = hashText(body);
  await tx.insert(texts).values({ hash, body }).onConflictDoNothing();
  return hash;
}

/** Those that are there, by hash; what was redacted is left out. */
export async function readTexts(tx: Tx, hashes: readonly string[]): Promise<Map<string, string>> {
  const rows = await rowsOf(tx, hashes);
  return new Map(rows.flatMap(({ hash, body, redactedAt }) => (redactedAt ? [] : [[hash, body]])));
}

/** The same for people to read: in place of what was redacted stands that it was, and why. */
export async function readShownTexts(tx: Tx, hashes: readonly string[]): Promise<Map<string, string>> {
  const rows = await rowsOf(tx, hashes);
  return new Map(
    rows.map(({ hash, body, redactedWhy }) => [hash, redactedWhy === null ? body : tombstone(redactedWhy)]),
  );
}

function rowsOf(tx: Tx, hashes: readonly string[]) {
  if (hashes.length === 0) return [];
  return tx
    .select()
    .from(texts)
    .where(inArray(texts.hash, [...hashes]));
}

function tombstone(why: string): string {
  return `[redacted: ${why}]`;
}

/**
 * A column that reads a stored message or list of messages; where it was redacted, one message that says so.
 * @param text what the query calls the row of `texts`. @param role of whoever wrote it.
 */
export function shownMessage(text: string, role: 'user' | 'assistant'): SQL {
  const [body, why] = [sql.raw(`${text}.body`), sql.raw(`${text}.redacted_why`)];
  return sql`case when ${why} is null then ${body}
    else json_build_object('role', ${role}::text, 'content', '[redacted: ' || ${why} || ']')::text end`;
}
