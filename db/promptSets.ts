/** Which prompt sets are stored, which one was meant, and a stored set as a source: what a file of prompts is too. */
import { and, asc, desc, eq, like, type SQL, sql } from 'drizzle-orm';
import type { ChatMessage, NewPrompt, PromptSource } from '../domain/prompts';
import type { PromptSetKind, Purpose } from '../domain/states';
import { canonicalJson } from '../domain/text';
import { OPEN_TURN } from '../domain/turns';
import type { Db, Tx } from './connection';
import { promptSets, prompts } from './schema';

export interface StoredSet {
  hash: string;
  name: string;
  kind: PromptSetKind;
  size: number;
  purpose: Purpose;
  createdAt: Date;
}

/** A stored set's prompts, with what is known of them all together. */
export interface StoredPrompts extends PromptSource {
  /** The id of the first prompt without a completion. */
  firstWithout: string | null;
  /** Prompts of which a certain turn is judged. */
  judged: number;
}

const FIELDS_TOLD = 1_000;
const READ_AT_ONCE = 1_000;
/** What a name with a hash's beginning looks like: `arena@3f9c21`. */
const WITH_HASH = /^(?:(.+)@)?([0-9a-f]{6,64})$/s;

/** Newest first. */
export function listPromptSets(tx: Tx, { limit }: { limit: number }): Promise<StoredSet[]> {
  return setsWhere(tx, undefined, limit);
}

export async function promptSetByHash(tx: Tx, hash: string): Promise<StoredSet | undefined> {
  const [set] = await setsWhere(tx, eq(promptSets.hash, hash), 1);
  return set;
}

/**
 * The sets that a name stands for, newest first: those of this name; else those of NAME@HASH, or HASH alone, whose hash
 * begins so.
 */
export async function promptSetsMeant(tx: Tx, ref: string): Promise<StoredSet[]> {
  const named = await setsWhere(tx, eq(promptSets.name, ref), 2);
  const [, name, beginning] = WITH_HASH.exec(ref) ?? [];
  if (named.length > 0 || beginning === undefined) return named.slice(0, 1);
  const begins = like(promptSets.hash, `${beginning}%`);
  return setsWhere(tx, name === undefined ? begins : and(eq(promptSets.name, name), begins), 2);
}

function setsWhere(tx: Tx, where: SQL | undefined, limit: number): Promise<StoredSet[]> {
  const { hash, name, kind, size, createdAt } = promptSets;
  const purpose = sql<Purpose>`(select p.purpose from prompts p where p.set_hash = ${hash} limit 1)`;
  return tx
    .select({ hash, name, kind, size, purpose, createdAt })
    .from(promptSets)
    .where(where)
    .orderBy(desc(createdAt), asc(hash))
    .limit(limit);
}

/** Texts are read as they are needed; prompts of which nothing is left but a tombstone are passed over. */
export async function storedPrompts(db: Db, { hash, name, size }: StoredSet): Promise<StoredPrompts> {
  return {
    name,
    hash,
    size,
    ...(await countsOf(db, hash)),
    requirements: await requirementsOf(db, hash),
    fields: await fieldsOf(db, hash),
    prompts: () => inOrder(db, hash),
  };
}

async function countsOf(tx: Tx, hash: string) {
  const open = canonicalJson(OPEN_TURN);
  const [counts] = await tx.execute<
    Record<'given' | 'judged' | 'mostTurns' | 'sum' | 'least', number> & { firstWithout: string | null }
  >(
    sql`select count(p.completion_hash)::int as given, count(p.judge_turn)::int as judged,
      coalesce(max(1 + (length(t.body) - length(replace(t.body, ${open}, ''))) / ${open.length}), 1)::int as "mostTurns",
      coalesce(sum(octet_length(t.body)), 0)::float8 as sum, coalesce(min(octet_length(t.body)), 0)::int as least,
      (select w.external_id from prompts w where w.set_hash = ${hash} and w.completion_hash is null
        order by w.position limit 1) as "firstWithout"
      from prompts p join texts t on t.hash = p.messages_hash where p.set_hash = ${hash}`,
  );
  if (!counts) throw new Error('a count gave no row');
  const { sum, least, ...rest } = counts;
  return { ...rest, bytes: { sum, least } };
}

function requirementsOf(tx: Tx, hash: string): Promise<{ requirements: string[]; prompts: number }[]> {
  return tx
    .select({ requirements: prompts.requirements, prompts: sql<number>`count(*)::int` })
    .from(prompts)
    .where(and(eq(prompts.setHash, hash), sql`${prompts.requirements} <> '{}'`))
    .groupBy(prompts.requirements)
    .orderBy(sql`min(${prompts.position})`);
}

async function fieldsOf(tx: Tx, hash: string): Promise<string[]> {
  const rows = await tx.execute<{ field: string }>(sql`
    select field from (select distinct jsonb_object_keys(metadata) as field from prompts where set_hash = ${hash}) f
    order by field collate "C" limit ${FIELDS_TOLD}`);
  return rows.map(({ field }) => field);
}

interface PromptRow {
  externalId: string;
  position: number;
  body: string;
  completion: string | null;
  requirements: string[];
  judgeTurn: number | null;
  metadata: NewPrompt['metadata'] | null;
}

async function* inOrder({ $client }: Db, hash: string): AsyncGenerator<NewPrompt> {
  const pages = $client<PromptRow[]>`
    select p.external_id as "externalId", p.position, t.body, c.body as completion, p.requirements,
      p.judge_turn as "judgeTurn", p.metadata
    from prompts p join texts t on t.hash = p.messages_hash left join texts c on c.hash = p.completion_hash
    where p.set_hash = ${hash} and t.redacted_at is null
    order by p.position`.cursor(READ_AT_ONCE);
  for await (const page of pages) yield* page.map(promptOf);
}

function promptOf({ body, completion, judgeTurn, metadata, ...rest }: PromptRow): NewPrompt {
  const messages: ChatMessage[] = JSON.parse(body);
  return {
    ...rest,
    messages,
    ...(completion && { completion }),
    ...(judgeTurn !== null && { judgeTurn }),
    ...(metadata && { metadata }),
  };
}
