/**
 * Paid calls as rows. A call's row is committed before the call is made and ended after it; whoever finds an item's row
 * without an end leaves the item alone until the claim runs out, so that nothing is paid for twice while it may answer.
 */
import { sql } from 'drizzle-orm';
import type { ItemId } from '../../domain/ids';
import type { Cost } from '../../domain/money';
import type { Tx } from '../connection';
import { rowsOf, statement } from '../prepared';

/** A batch travels as JSON, so that any number of requests is one statement of one shape. */
export interface ClaimRequest {
  itemId: ItemId;
  /** Of the prompt, from 0. */
  turn: number;
  claimMs: number;
  /** The most that the call can cost. */
  reserve: Cost;
}
export interface Claim {
  callId: number;
  itemId: ItemId;
  turn: number;
}
/** A call that was not claimed because what it reserves does not fit in what its round's budget leaves now. */
export interface OverBudget {
  overBudget: Cost;
  itemId: ItemId;
  turn: number;
}

/**
 * Claims items for a call each, and charges what they reserve to their rounds. Left out are items that already have a
 * completion, are claimed, are at another turn, or may not be called now: the round's state, its deadline, its budget,
 * the account's state and the model's are read in the same statement, right before the call. The round's row is held
 * meanwhile: who pauses or cancels it has either come before, or waits for the claim. Of a parked model one call
 * at a time is let through. Items are found by their ids, each by itself: a planner that knows little of a table that has
 * just grown would go through all that a round still misses.
 */
export async function claimCalls(tx: Tx, requests: readonly ClaimRequest[]): Promise<(Claim | OverBudget)[]> {
  const wanted = JSON.stringify(
    requests.map(({ itemId, turn, claimMs, reserve }, n) => ({
      n,
      item: itemId,
      turn,
      claim_ms: claimMs,
      money: reserve.money,
      tokens: reserve.tokens,
    })),
  );
  const rows = await rowsOf(tx, claiming({ wanted }));
  return rows.map(({ call_id, item_id, turn, n }) =>
    call_id === null
      ? { itemId: item_id, turn, overBudget: requests[n]?.reserve ?? { money: 0, tokens: 0 } }
      : { itemId: item_id, turn, callId: Number(call_id) },
  );
}

const claiming = statement<{ wanted: string }, { call_id: string | null; item_id: ItemId; turn: number; n: number }>(
  ({ wanted }) => sql`
    with wanted as materialized (
      select distinct on (item, turn) * from jsonb_to_recordset(${wanted}::text::jsonb)
        as wanted(n int, item uuid, turn int, claim_ms float8, money numeric, tokens int)
      order by item, turn, n),
    found as materialized (
      select w.*, i.* from wanted w cross join lateral (
        select id, round_id, account_id, model_id from items
        where id = w.item and state = 'pending' and redacted_at is null limit 1) i
      where w.turn = (select count(*) from item_turns t where t.item_id = i.id)
        and 0 = (select count(*) from generation_calls c
          where c.item_id = i.id and c.outcome is null and c.claim_until > now())),
    going as (
      select r.id, r.settings from rounds r
      where r.id in (select round_id from found)
        and r.status = 'running' and r.paused_at is null and r.held_at is null and r.deadline_at > now()
      order by r.id for share),
    looking as (
      select m.round_id, m.model_id from round_models m
      where m.parked_at is not null and m.retry_at <= now() and m.round_id in (select id from going)
      for update skip locked),
    eligible as (
      select f.n, f.turn, f.claim_ms, f.money, f.tokens, f.id, f.round_id, f.account_id, f.model_id,
        (r.settings->'budget'->>'money')::numeric as most_money, (r.settings->'budget'->>'tokens')::bigint as most_tokens,
        m.parked_at is not null as parked, row_number() over (partition by f.round_id, f.model_id order by f.n) as nth
      from found f
      join going r on r.id = f.round_id
      join accounts a on a.id = f.account_id
      left join round_models m on m.round_id = f.round_id and m.model_id = f.model_id
      where a.blocked_code is null and (a.not_before is null or a.not_before <= now())
        and (m.parked_at is null or (m.round_id, m.model_id) in (select round_id, model_id from looking))),
    spent as (
      select s.round_id, s.money, s.tokens from round_spending s
      where s.round_id in (select round_id from eligible) order by s.round_id for update),
    budgeted as (
      select e.*,
        coalesce(coalesce(s.money, 0) + sum(e.money) over upto > e.most_money, false)
          or coalesce(coalesce(s.tokens, 0) + sum(e.tokens) over upto > e.most_tokens, false) as over
      from eligible e left join spent s on s.round_id = e.round_id
      where not e.parked or e.nth = 1
      window upto as (partition by e.round_id order by e.n)),
    claimed as (
      insert into generation_calls (item_id, round_id, account_id, turn, try, claim_until, reserved_money, reserved_tokens)
      select b.id, b.round_id, b.account_id, b.turn,
        1 + (select coalesce(max(c.try), 0) from generation_calls c where c.item_id = b.id),
        now() + b.claim_ms * interval '1 millisecond', b.money, b.tokens
      from budgeted b where not b.over
      on conflict do nothing
      returning id, item_id, turn, round_id, reserved_money, reserved_tokens),
    charged as (
      insert into round_spending as s (round_id, money, tokens)
      select round_id, sum(reserved_money), sum(reserved_tokens) from claimed group by round_id order by round_id
      on conflict (round_id) do update set money = s.money + excluded.money, tokens = s.tokens + excluded.tokens),
    looked as (
      update round_models m set retry_at = now() + b.claim_ms * interval '1 millisecond'
      from budgeted b where b.parked and not b.over and m.round_id = b.round_id and m.model_id = b.model_id)
    select c.id as call_id, b.id as item_id, b.turn, b.n
    from budgeted b left join claimed c on c.item_id = b.id and c.turn = b.turn
    where b.over or c.id is not null`,
);

/** Takes back a claim whose call was not made: its row goes, and what it reserved is free again. */
export async function giveBackClaim(tx: Tx, callId: number): Promise<void> {
  await tx.execute(sql`
    with gone as (
      delete from generation_calls where id = ${callId} and outcome is null
      returning round_id, reserved_money, reserved_tokens)
    update round_spending s set money = s.money - gone.reserved_money, tokens = s.tokens - gone.reserved_tokens
    from gone where s.round_id = gone.round_id`);
}
