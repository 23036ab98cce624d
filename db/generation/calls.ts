/**
 * Paid calls as rows. A call's row is committed before the call is made and ended after it; whoever finds an item's row
 * without an end leaves the item alone until the claim runs out, so that nothing is paid for twice while it may answer.
 */
import { and, eq, like, sql } from 'drizzle-orm';
import type { CompletionRecord } from '../../domain/completions';
import type { AccountId, ItemId, RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { nudgeShard } from '../outbox';
import { accounts, rounds } from '../schema';
import { saveTexts } from '../texts';

/** A batch travels as JSON, so that any number of requests is one statement of one shape. */
export interface ClaimRequest {
  itemId: ItemId;
  /** Of the prompt, from 0. */
  turn: number;
  claimMs: number;
}
export interface Claim {
  callId: number;
  itemId: ItemId;
  turn: number;
}

/**
 * Claims items for a call each. Left out are items that already have a completion, are claimed, are at another turn, or
 * may not be called now: the round's state, its deadline and the account's are read in the same statement, right before
 * the call.
 */
export async function claimCalls(tx: Tx, requests: readonly ClaimRequest[]): Promise<Claim[]> {
  const wanted = JSON.stringify(
    requests.map(({ itemId, turn, claimMs }) => ({ item: itemId, turn, claim_ms: claimMs })),
  );
  const rows = await tx.execute<{ id: string; item_id: ItemId; turn: number }>(sql`
    insert into generation_calls (item_id, round_id, account_id, turn, try, claim_until)
    select i.id, i.round_id, i.account_id, wanted.turn,
      1 + (select coalesce(max(c.try), 0) from generation_calls c where c.item_id = i.id),
      now() + wanted.claim_ms * interval '1 millisecond'
    from jsonb_to_recordset(${wanted}::text::jsonb) as wanted(item uuid, turn int, claim_ms float8)
    join items i on i.id = wanted.item
    join rounds r on r.id = i.round_id
    join accounts a on a.id = i.account_id
    where i.state = 'pending' and r.status = 'running' and r.paused_at is null and r.deadline_at > now()
      and a.blocked_code is null and (a.not_before is null or a.not_before <= now())
      and not exists (select 1 from generation_calls c
        where c.item_id = i.id and c.outcome is null and c.claim_until > now())
      and wanted.turn = (select count(*) from item_turns t where t.item_id = i.id)
    on conflict do nothing
    returning id, item_id, turn`);
  return rows.map((row) => ({ callId: Number(row.id), itemId: row.item_id, turn: row.turn }));
}

export interface FinishedCall extends CompletionRecord {
  callId: number;
  itemId: ItemId;
  turn: number;
  /** The item's own completion; what is said before the last turn is kept beside the item. */
  last: boolean;
  /** This completion or one of an earlier turn tells which model wrote it. */
  namesModel: boolean;
}

/**
 * Saves completions; the first one of an item's turn is its own, a later one is kept as surplus.
 * @returns the calls, among those saved now, whose completion is the turn's own.
 */
export async function saveCompletions(tx: Tx, calls: readonly FinishedCall[]): Promise<Set<number>> {
  const hashes = await saveTexts(
    tx,
    calls.map((call) => call.message),
  );
  const rows = calls.map((call, i) => ({
    call_id: call.callId,
    item_id: call.itemId,
    turn: call.turn,
    last: call.last,
    hash: hashes[i],
    request_id: call.requestId,
    returned_model: call.returnedModel,
    fingerprint: call.fingerprint,
    finish_reason: call.finishReason,
    prompt_tokens: call.promptTokens,
    completion_tokens: call.completionTokens,
    names_model: call.namesModel,
  }));
  await lockItems(
    tx,
    calls.map((call) => call.itemId),
  );
  const ended = await tx.execute<{ id: string; outcome: string }>(sql`
    with saved as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as saved(call_id bigint, item_id uuid,
        turn int, last boolean, hash text, request_id text, returned_model text, fingerprint text, finish_reason text,
        prompt_tokens int, completion_tokens int, names_model boolean)),
    first as (select distinct on (item_id, turn) * from saved order by item_id, turn, call_id),
    given as (
      update items i set completion_hash = first.hash, state = 'generated', names_model = first.names_model
      from first where first.last and i.id = first.item_id and i.state = 'pending'
      returning first.call_id),
    played as (
      insert into item_turns (item_id, turn, completion_hash)
      select first.item_id, first.turn, first.hash from first join items i on i.id = first.item_id
      where not first.last and i.state = 'pending'
      on conflict do nothing
      returning item_id, turn),
    own as (select call_id from given union all select first.call_id from played join first using (item_id, turn)),
    freed as (
      update accounts a set held_since = null
      where a.held_since is not null and a.id in (
        select account_id from generation_calls where id in (select call_id from saved)))
    update generation_calls c set
      outcome = case when own.call_id is null then 'surplus' else 'completed' end,
      ended_at = now(), completion_hash = saved.hash, request_id = saved.request_id, returned_model = saved.returned_model,
      fingerprint = saved.fingerprint, finish_reason = saved.finish_reason, prompt_tokens = saved.prompt_tokens,
      completion_tokens = saved.completion_tokens
    from saved left join own on own.call_id = saved.call_id
    where c.id = saved.call_id and c.outcome is null
    returning c.id, c.outcome`);
  return new Set(ended.filter(({ outcome }) => outcome === 'completed').map(({ id }) => Number(id)));
}

export interface FailedCall {
  callId: number;
  outcome: 'retryable' | 'rate-limited' | 'refused' | 'account-refused';
  httpStatus: number | null;
  /** A short code, never the provider's own words: those may repeat the prompt. */
  errorCode: string;
  requestId: string | null;
}

export async function endCall(tx: Tx, call: FailedCall): Promise<void> {
  await tx.execute(sql`
    update generation_calls set outcome = ${call.outcome}, ended_at = now(), http_status = ${call.httpStatus},
      error_code = ${call.errorCode}, request_id = ${call.requestId}
    where id = ${call.callId} and outcome is null`);
}

/**
 * Ends items that will get no completion; one that got its completion meanwhile keeps it.
 * @param turn the one at which they end: an item that is past it meanwhile goes on. Left out: at any.
 */
export async function failItems(tx: Tx, ids: readonly ItemId[], code: string, turn?: number): Promise<void> {
  if (ids.length === 0) return;
  await lockItems(tx, ids);
  const there =
    turn === undefined ? sql`` : sql`and ${turn} = (select count(*) from item_turns where item_id = items.id)`;
  await tx.execute(sql`
    update items set state = 'failed', fail_code = ${code}
    where state = 'pending' and id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))
      ${there}`);
}

/** In the order that everybody locks items in. */
async function lockItems(tx: Tx, ids: readonly ItemId[]): Promise<void> {
  await tx.execute(sql`
    select id from items where id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))
    order by id for no key update`);
}

const SHORTEST_HOLD_MS = 2_000;
const LONGEST_BACKOFF_MS = 600_000;
/** What a provider asks for is honoured up to this. */
const LONGEST_HOLD_MS = 30 * 86_400_000;

/**
 * No call of the account before `waitMs` from now; a later moment already set stays. Where the provider did not say how
 * long (null), as long as it has refused so far: from two seconds up to ten minutes.
 */
export async function holdAccount(tx: Tx, id: AccountId, waitMs: number | null): Promise<void> {
  const asked = waitMs === null ? null : Math.min(waitMs, LONGEST_HOLD_MS);
  await tx.execute(sql`
    update accounts set held_since = coalesce(held_since, now()),
      not_before = greatest(not_before, now() + coalesce(${asked}::float8,
        least(${LONGEST_BACKOFF_MS}, greatest(${SHORTEST_HOLD_MS}, extract(epoch from now() - held_since) * 1000)))
        * interval '1 millisecond')
    where id = ${id}`);
}

const blockedMark = (id: AccountId) => `account ${id} is blocked`;

/**
 * No more calls of the account until somebody mends it; said where the operator of each round that meets it looks.
 * @returns whether this is news: not if the account was blocked so already.
 */
export async function blockAccount(tx: Tx, id: AccountId, code: string, roundId: RoundId): Promise<boolean> {
  const changed = await tx
    .update(accounts)
    .set({ blockedCode: code, blockedAt: sql`now()` })
    .where(and(eq(accounts.id, id), sql`blocked_code is distinct from ${code}`))
    .returning({ id: accounts.id });
  const mark = `${blockedMark(id)}: ${code}`;
  const told = await tx
    .update(rounds)
    .set({ needsAttention: mark })
    .where(and(eq(rounds.id, roundId), sql`needs_attention is distinct from ${mark}`))
    .returning({ id: rounds.id });
  return changed.length + told.length > 0;
}

/** The account may be called again, and no round needs attention for it any more. */
export async function unblockAccount(tx: Tx, id: AccountId): Promise<void> {
  await tx.update(accounts).set({ blockedCode: null, blockedAt: null }).where(eq(accounts.id, id));
  await tx
    .update(rounds)
    .set({ needsAttention: null })
    .where(like(rounds.needsAttention, `${blockedMark(id)}%`));
}

/** Tells the shard that its account keeps it waiting, so that it opens what it has. */
export async function tellWaiting(tx: Tx, roundId: RoundId, shard: number): Promise<void> {
  await nudgeShard(tx, roundId, shard);
}
