/** Prompt sets: stored once by the hash of what is in them. */
import { eq, sql } from 'drizzle-orm';
import type { PromptId } from '../domain/ids';
import type { NewPrompt, PromptSource } from '../domain/prompts';
import type { Purpose } from '../domain/states';
import { canonicalJson, uuidOf } from '../domain/text';
import type { Tx } from './connection';
import { promptSets, prompts } from './schema';
import { saveTexts } from './texts';

const ROWS_PER_INSERT = 1_000;
const CHARACTERS_PER_INSERT = 8_000_000;

/** Stores a set with all its prompts, reading them a batch at a time; nothing happens to a set that is there. */
export async function savePromptSet(tx: Tx, source: PromptSource, purpose: Purpose): Promise<void> {
  // Two imports whose texts overlap would lock the shared ones in different orders.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('plumbline prompts'))`);
  const { hash, name, size } = source;
  const added = await tx.insert(promptSets).values({ hash, name, size }).onConflictDoNothing().returning();
  if (added.length === 0) return;
  for await (const batch of inBatches(source.prompts())) {
    const hashes = await saveTexts(
      tx,
      batch.map(({ body }) => body),
    );
    const rows = batch.map(({ prompt: { externalId, position, requirements, metadata } }, i) => ({
      id: promptIdOf(hash, externalId),
      setHash: hash,
      externalId,
      position,
      purpose,
      messagesHash: hashes[i] ?? '',
      requirements,
      metadata: metadata ?? null,
    }));
    await tx.insert(prompts).values(rows);
  }
}

/** What a set's prompts are for; undefined for a set that is not stored. */
export async function purposeOfSet(tx: Tx, hash: string): Promise<Purpose | undefined> {
  const [row] = await tx.select({ purpose: prompts.purpose }).from(prompts).where(eq(prompts.setHash, hash)).limit(1);
  return row?.purpose;
}

function promptIdOf(setHash: string, externalId: string): PromptId {
  return uuidOf(JSON.stringify(['prompt', setHash, externalId])) as PromptId;
}

type Written = { prompt: NewPrompt; body: string };

async function* inBatches(all: AsyncIterable<NewPrompt>): AsyncGenerator<Written[]> {
  let batch: Written[] = [];
  let characters = 0;
  for await (const prompt of all) {
    const body = canonicalJson(prompt.messages);
    batch.push({ prompt, body });
    characters += body.length + (prompt.metadata ? canonicalJson(prompt.metadata).length : 0);
    if (batch.length < ROWS_PER_INSERT && characters < CHARACTERS_PER_INSERT) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}
