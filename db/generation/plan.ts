/** What is left to generate. */
import { eq, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { type AccountId, type ItemId, MAIN, type RoundId } from '../../domain/ids';
import type { Json } from '../../domain/text';
import type { Tx } from '../connection';
import { accounts } from '../schema';

export type AccountRow = typeof accounts.$inferSelect;

export interface ChunkKey {
  roundId: RoundId;
  shard: number;
  accountId: AccountId;
  /** The how-manyth slice of the shard's items of this account. */
  chunk: number;
}

/** An item of a chunk that has no completion yet. */
export interface PendingItem {
  id: ItemId;
  modelId: string;
  variant: string;
  k: number;
  messagesHash: string;
  /** What its prompt's file said of it, for variants that put it into the prompt. */
  fields: Record<string, Json> | null;
  /** What the model has said in the turns that are played, in order: hashes of texts. Its next turn is their number. */
  played: string[];
  /** Calls made so far for the next turn that count as tries. */
  tries: number;
  /** Milliseconds until a call now under way gives up its claim; 0 if there is none. */
  claimedForMs: number;
  /** Milliseconds until a call may try its model again, where it is parked; else 0. */
  parkedForMs: number;
}

/** Cuts the shard's items into chunks per account; chunks whose items all have ended are left out. */
export async function planChunks(tx: Tx, roundId: RoundId, shard: number, chunkSize: number): Promise<ChunkKey[]> {
  const rows = await tx.execute<{ account_id: AccountId; chunk: number }>(sql`
    select account_id, chunk from (
      select account_id, state, ((row_number() over (partition by account_id order by position) - 1) / ${chunkSize})::int as chunk
      from items where round_id = ${roundId} and shard = ${shard} and account_id is not null) numbered
    group by account_id, chunk having bool_or(state = 'pending')
    order by account_id, chunk`);
  return rows.map((row) => ({ roundId, shard, accountId: row.account_id, chunk: row.chunk }));
}

export async function pendingOfChunk(tx: Tx, key: ChunkKey, chunkSize: number): Promise<PendingItem[]> {
  const rows = await tx.execute<{
    id: ItemId;
    model_id: string;
    variant: string;
    k: number;
    messages_hash: string;
    metadata: Record<string, Json> | null;
    played: string[];
    tries: number;
    claimed_for: number;
    parked_for: number;
  }>(sql`
    with slice as (
      select id, round_id, model_id, variant, k, prompt_id, state, position, tries_from,
        (select coalesce(jsonb_agg(t.completion_hash order by t.turn), '[]')
          from item_turns t where t.item_id = items.id) as played
      from items
      where round_id = ${key.roundId} and shard = ${key.shard} and account_id = ${key.accountId}
      order by position limit ${chunkSize} offset ${key.chunk * chunkSize})
    select s.id, s.model_id, s.variant, s.k, p.messages_hash, case when s.variant <> ${MAIN} then p.metadata end as metadata,
      s.played, made.tries, made.claimed_for,
      coalesce(greatest(0, extract(epoch from m.retry_at - now()) * 1000), 0)::float8 as parked_for
    from slice s join prompts p on p.id = s.prompt_id
    left join round_models m on m.round_id = s.round_id and m.model_id = s.model_id and m.parked_at is not null
    cross join lateral (
      select count(*) filter (where c.turn = jsonb_array_length(s.played) and c.try > s.tries_from
          and c.outcome is distinct from 'rate-limited' and c.outcome is distinct from 'account-refused')::int as tries,
        coalesce(greatest(0, extract(epoch from max(c.claim_until) filter (where c.outcome is null) - now()) * 1000), 0)::float8 as claimed_for
      from generation_calls c where c.item_id = s.id) made
    where s.state = 'pending'
    order by s.position`);
  return rows.map((row) => ({
    id: row.id,
    modelId: row.model_id,
    variant: row.variant,
    k: row.k,
    messagesHash: row.messages_hash,
    fields: row.metadata,
    played: row.played,
    tries: row.tries,
    claimedForMs: row.claimed_for,
    parkedForMs: row.parked_for,
  }));
}

/** An account with its times by the database's clock, in milliseconds. */
export interface AccountState extends AccountRow {
  /** Until it may be called again. */
  waitMs: number;
  /** Since it refused without an answer in between. */
  heldForMs: number;
  blockedForMs: number;
}

/** @throws Error for an account that is not there. */
export async function readAccount(tx: Tx, id: AccountId): Promise<AccountState> {
  const since = (column: AnyPgColumn) => sql<number>`coalesce(extract(epoch from now() - ${column}) * 1000, 0)::float8`;
  const [row] = await tx
    .select({
      account: accounts,
      sinceNotBefore: since(accounts.notBefore),
      heldForMs: since(accounts.heldSince),
      blockedForMs: since(accounts.blockedAt),
    })
    .from(accounts)
    .where(eq(accounts.id, id));
  if (!row) throw new Error(`no account ${id}`);
  const { account, sinceNotBefore, heldForMs, blockedForMs } = row;
  return { ...account, waitMs: Math.max(0, -sinceNotBefore), heldForMs, blockedForMs };
}
