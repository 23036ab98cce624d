/** What calls gave, saved: completions, and what they cost. */
import { sql } from 'drizzle-orm';
import type { CompletionRecord } from '../../domain/completions';
import type { ItemId, RoundId } from '../../domain/ids';
import type { Cost } from '../../domain/money';
import type { Tx } from '../connection';
import { prepared } from '../prepared';
import { saveTexts } from '../texts';
import { lockItems } from './failures';

export interface FinishedCall extends CompletionRecord {
  callId: number;
  itemId: ItemId;
  turn: number;
  /** The item's own completion; what is said before the last turn is kept beside the item. */
  last: boolean;
  /** This completion or one of an earlier turn tells which model wrote it. */
  namesModel: boolean;
  /** null where the provider did not say: then what was reserved counts. */
  cost: Cost | null;
}

export interface Saved {
  /** The calls, among those saved now, whose completion is the turn's own. */
  own: Set<number>;
  /** Models that had failed before: say so with `modelIsBack` once the saving is committed. */
  back: { roundId: RoundId; modelId: string }[];
}

/** A call that ended, or a model that had failed before. */
interface Ended extends Record<string, unknown> {
  id: string | null;
  outcome: string | null;
  round_id: RoundId | null;
  model_id: string | null;
}

/**
 * Saves completions; the first one of an item's turn is its own, a later one is kept as surplus.
 */
export async function saveCompletions(tx: Tx, calls: readonly FinishedCall[]): Promise<Saved> {
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
    money: call.cost?.money ?? null,
    tokens: call.cost?.tokens ?? null,
  }));
  await lockItems(
    tx,
    calls.map((call) => call.itemId),
  );
  const ended = await prepared<Ended>(
    tx,
    'save completions',
    sql`
    with saved as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as saved(call_id bigint, item_id uuid,
        turn int, last boolean, hash text, request_id text, returned_model text, fingerprint text, finish_reason text,
        prompt_tokens int, completion_tokens int, names_model boolean, money numeric, tokens int)),
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
      update accounts a set held_since = null, held_code = null
      where a.held_since is not null and a.id in (
        select account_id from generation_calls where id in (select call_id from saved))),
    answered as (
      update round_models m set failures = 0, failure_code = null, parked_at = null, retry_at = null
      from (select distinct i.round_id, i.model_id from items i where i.id in (select item_id from saved)) used
      where m.round_id = used.round_id and m.model_id = used.model_id and m.failures > 0
      returning m.round_id, m.model_id),
    ended as (
      update generation_calls c set
        outcome = case when own.call_id is null then 'surplus' else 'completed' end,
        ended_at = now(), completion_hash = saved.hash, request_id = saved.request_id,
        returned_model = saved.returned_model, fingerprint = saved.fingerprint, finish_reason = saved.finish_reason,
        prompt_tokens = saved.prompt_tokens, completion_tokens = saved.completion_tokens, money = saved.money,
        tokens = saved.tokens
      from saved left join own on own.call_id = saved.call_id
      where c.id = saved.call_id and c.outcome is null
      returning c.id, c.outcome, c.round_id, c.money - c.reserved_money as money, c.tokens - c.reserved_tokens as tokens),
    settled as (
      update round_spending s set money = s.money + known.money, tokens = s.tokens + known.tokens
      from (
        select round_id, sum(coalesce(money, 0)) as money, sum(coalesce(tokens, 0)) as tokens
        from ended group by round_id) known
      where s.round_id = known.round_id)
    select id, outcome, null as round_id, null as model_id from ended
    union all select null, null, round_id, model_id from answered`,
  );
  return {
    own: new Set(ended.filter(({ outcome }) => outcome === 'completed').map(({ id }) => Number(id))),
    back: ended.flatMap(({ round_id: roundId, model_id: modelId }) =>
      roundId !== null && modelId !== null ? [{ roundId, modelId }] : [],
    ),
  };
}
