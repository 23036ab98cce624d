/** Prompt sets: stored once by the hash of what is in them. */
import { eq, sql } from 'drizzle-orm';
import type { PromptId } from '../domain/ids';
import type { NewPrompt, PromptSource } from '../domain/prompts';
import type { PromptSetKind, Purpose } from '../domain/states';
import { canonicalJson, hashText, uuidOf } from '../domain/text';
import type { Tx } from './connection';
import { promptSets, prompts } from './schema';

const ROWS_PER_INSERT = 5_000;
const CHARACTERS_PER_INSERT = 8_000_000;

/**
 * Stores a set with all its prompts, reading them a batch at a time; nothing happens to a set that is there.
 * @returns whether it was stored now.
 */
export async function savePromptSet(
  tx: Tx,
  source: PromptSource,
  purpose: Purpose,
  kind: PromptSetKind = 'fixed',
): Promise<boolean> {
  // Two imports whose texts overlap would lock the shared ones in different orders.
  await lockPrompts(tx);
  const { hash, name, size } = source;
  const added = await tx.insert(promptSets).values({ hash, name, size, kind }).onConflictDoNothing().returning();
  if (added.length === 0) return false;
  for await (const batch of inBatches(hash, source.prompts())) await saveBatch(tx, hash, purpose, batch);
  return true;
}

/** Sets are stored one after the other: what a transaction has found out about stored prompts holds until it ends. */
export async function lockPrompts(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('plumbline prompts'))`);
}

/** What a set's prompts are for; undefined for a set that is not stored. */
export async function purposeOfSet(tx: Tx, hash: string): Promise<Purpose | undefined> {
  const [row] = await tx.select({ purpose: prompts.purpose }).from(prompts).where(eq(prompts.setHash, hash)).limit(1);
  return row?.purpose;
}

/** A batch is one parameter: thousands of them to a statement are slow to send and to plan. */
async function saveBatch(tx: Tx, setHash: string, purpose: Purpose, { rows, texts }: Batch): Promise<void> {
  await tx.execute(sql`
    insert into texts (hash, body)
    select hash, body from jsonb_to_recordset(${JSON.stringify([...texts.values()])}::jsonb) as t (hash text, body text)
    order by hash
    on conflict do nothing`);
  await tx.execute(sql`
    insert into prompts (id, set_hash, external_id, position, purpose, messages_hash, requirements, completion_hash,
      judge_turn, metadata)
    select id, ${setHash}, external_id, position, ${purpose}, messages_hash,
      array(select jsonb_array_elements_text(requirements)), completion_hash, judge_turn,
      -- What stands beside a text that was redacted may repeat it.
      case when metadata is not null and not exists (
        select 1 from texts t where t.hash in (messages_hash, completion_hash) and t.redacted_at is not null) then metadata end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p (id uuid, external_id text, position int,
      messages_hash text, requirements jsonb, completion_hash text, judge_turn int, metadata jsonb)`);
}

function promptIdOf(setHash: string, externalId: string): PromptId {
  return uuidOf(JSON.stringify(['prompt', setHash, externalId])) as PromptId;
}

/** As the statements read it. */
interface Batch {
  rows: object[];
  texts: Map<string, { hash: string; body: string }>;
}

async function* inBatches(setHash: string, all: AsyncIterable<NewPrompt>): AsyncGenerator<Batch> {
  let batch: Batch = { rows: [], texts: new Map() };
  let characters = 0;
  const textOf = (body: string): string => {
    const hash = hashText(body);
    batch.texts.set(hash, { hash, body });
    characters += body.length;
    return hash;
  };
  for await (const { externalId, position, messages, requirements, completion, judgeTurn, metadata } of all) {
    batch.rows.push({
      id: promptIdOf(setHash, externalId),
      external_id: externalId,
      position,
      messages_hash: textOf(canonicalJson(messages)),
      requirements,
      ...(completion !== undefined && { completion_hash: textOf(completion) }),
      ...(judgeTurn !== undefined && { judge_turn: judgeTurn }),
      ...(metadata && { metadata }),
    });
    if (metadata) characters += canonicalJson(metadata).length;
    if (batch.rows.length < ROWS_PER_INSERT && characters < CHARACTERS_PER_INSERT) continue;
    yield batch;
    batch = { rows: [], texts: new Map() };
    characters = 0;
  }
  if (batch.rows.length > 0) yield batch;
}
