/** What is left to generate. */
import { eq, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { AccountId, ItemId, RoundId } from '../../domain/ids';
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
  messagesHash: string;
  /** What the model has said in the turns that are played, in order: hashes of texts. Its next turn is their number. */
  played: string[];
  /** Calls made so far for the next turn that count as tries. */
  tries: number;
  /** Milliseconds until a call now under way gives up its claim; 0 if there is none. */
  claimedForMs: number;
}

/** Cuts the shard's items into chunks per account; chunks whose items all have ended are left out. */
export async function planChunks(tx: Tx, roundId: RoundId, shard: number, chunkSize: number): Promise<ChunkKey[]> {
  const rows = await tx.execute<{ account_id: AccountId; chunk: number }>(sql`
    select account_id, chunk from (
      select account_id, state, ((row_number() over (partition by account_id order by position) - 1) / ${chunkSize})::int as chunk
      from items where round_id = ${roundId} and shard = ${shard}) numbered
    group by account_id, chunk having bool_or(state = 'pending')
    order by account_id, chunk`);
  return rows.map((row) => ({ roundId, shard, accountId: row.account_id, chunk: row.chunk }));
}

export async function pendingOfChunk(tx: Tx, key: ChunkKey, chunkSize: number): Promise<PendingItem[]> {
  const rows = await tx.execute<{
    id: ItemId;
    model_id: string;
    messages_hash: string;
    played: string[];
    tries: number;
    claimed_for: number;
  }>(sql`
    with slice as (
      select id, model_id, prompt_id, state, position,
        (select coalesce(jsonb_agg(t.completion_hash order by t.turn), '[]')
          from item_turns t where t.item_id = items.id) as played
      from items
      where round_id = ${key.roundId} and shard = ${key.shard} and account_id = ${key.accountId}
      order by position limit ${chunkSize} offset ${key.chunk * chunkSize})
    select s.id, s.model_id, p.messages_hash, s.played,
      count(c.id) filter (where c.turn = jsonb_array_length(s.played) and c.outcome is distinct from 'rate-limited'
        and c.outcome is distinct from 'account-refused')::int as tries,
      coalesce(greatest(0, extract(epoch from max(c.claim_until) filter (where c.outcome is null) - now()) * 1000), 0)::float8 as claimed_for
    from slice s join prompts p on p.id = s.prompt_id left join generation_calls c on c.item_id = s.id
    where s.state = 'pending'
    group by s.id, s.model_id, p.messages_hash, s.played, s.position order by s.position`);
  return rows.map((row) => ({
    id: row.id,
    modelId: row.model_id,
    messagesHash: row.messages_hash,
    played: row.played,
    tries: row.tries,
    claimedForMs: row.claimed_for,
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
