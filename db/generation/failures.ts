/** Calls that gave nothing, and items that will get nothing. */
import { sql } from 'drizzle-orm';
import type { ItemId } from '../../domain/ids';
import type { Tx } from '../connection';
import { prepared } from '../prepared';

export interface FailedCall {
  callId: number;
  outcome: 'retryable' | 'rate-limited' | 'refused' | 'account-refused';
  httpStatus: number | null;
  /** A short code, never the provider's own words: those may repeat the prompt. */
  errorCode: string;
  requestId: string | null;
}

/** Nobody heard the call: it cannot have been paid for. */
export const NOT_CONNECTED = 'not-connected';

/**
 * A refusal costs nothing, nor does a call that reached nobody. One that was never answered may have been paid for: what it
 * reserved stays charged.
 * @returns whether what it reserved is to be given back, with `refund`.
 */
export async function endCall(tx: Tx, call: FailedCall): Promise<boolean> {
  const free = call.httpStatus !== null || call.errorCode === NOT_CONNECTED;
  const ended = await tx.execute(sql`
    update generation_calls set outcome = ${call.outcome}, ended_at = now(), http_status = ${call.httpStatus},
      error_code = ${call.errorCode}, request_id = ${call.requestId},
      money = case when ${free}::boolean then 0 end, tokens = case when ${free}::boolean then 0 end
    where id = ${call.callId} and outcome is null
    returning id`);
  return free && ended.length > 0;
}

/** Last in its transaction: the round's spending is what everybody locks last. */
export async function refund(tx: Tx, callId: number): Promise<void> {
  await tx.execute(sql`
    update round_spending s set money = s.money - c.reserved_money, tokens = s.tokens - c.reserved_tokens
    from generation_calls c where c.id = ${callId} and s.round_id = c.round_id`);
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

/**
 * Ends an item whose tries are used up: parked where each of its last tries failed the same way, for then another try at
 * the same would fail as well until somebody mends what is wrong.
 */
export async function failTried(tx: Tx, id: ItemId, turn: number): Promise<void> {
  const [tried] = await tx.execute<{ codes: number; code: string | null }>(sql`
    select count(distinct c.error_code)::int as codes, min(c.error_code) as code
    from generation_calls c join items i on i.id = c.item_id
    where c.item_id = ${id} and c.turn = ${turn} and c.try > i.tries_from and c.outcome = 'retryable'`);
  const same = tried?.codes === 1 && tried.code !== null;
  await failItems(tx, [id], same ? `parked:${tried.code}` : 'tries-exhausted', turn);
}

/** In the order that everybody locks items in. */
async function lockItems(tx: Tx, ids: readonly ItemId[]): Promise<void> {
  await prepared(
    tx,
    'lock items',
    sql`
    select id from items
    where id = any(array(select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)))
    order by id for no key update`,
  );
}
