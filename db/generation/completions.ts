/** What calls gave, saved: completions, and what they cost. */
import { sql } from 'drizzle-orm';
import type { CompletionRecord } from '../../domain/completions';
import type { ItemId, RoundId } from '../../domain/ids';
import type { Cost } from '../../domain/money';
import { hashText } from '../../domain/text';
import type { Tx } from '../connection';
import { rowsOf, statement } from '../prepared';

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

/** As an array: then the planner looks rows up by their ids, also where it does not know yet how large the table has grown. */
const anyOf = (column: 'item_id' | 'call_id') => sql`any(array(select ${sql.raw(column)} from saved))`;

/**
 * Saves completions; the first one of an item's turn is its own, a later one is kept as surplus. One statement: a permit is
 * held until it is committed. Its items are locked before what is said of them, and their states are those of the locked rows.
 */
export async function saveCompletions(tx: Tx, calls: readonly FinishedCall[]): Promise<Saved> {
  const rows = calls.map((call) => ({
    call_id: call.callId,
    item_id: call.itemId,
    turn: call.turn,
    last: call.last,
    hash: hashText(call.message),
    body: call.message,
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
  const ended = await rowsOf(tx, saving({ saved: JSON.stringify(rows) }));
  return {
    own: new Set(ended.filter(({ outcome }) => outcome === 'completed').map(({ id }) => Number(id))),
    back: ended.flatMap(({ round_id: roundId, model_id: modelId }) =>
      roundId !== null && modelId !== null ? [{ roundId, modelId }] : [],
    ),
  };
}

const saving = statement<{ saved: string }, Ended>(
  ({ saved }) => sql`
    with saved as materialized (
      select * from jsonb_to_recordset(${saved}::text::jsonb) as saved(call_id bigint, item_id uuid,
        turn int, last boolean, hash text, body text, request_id text, returned_model text, fingerprint text,
        finish_reason text, prompt_tokens int, completion_tokens int, names_model boolean, money numeric, tokens int)),
    locked as materialized (
      select id, state from items where id = ${anyOf('item_id')} order by id for no key update),
    first as materialized (
      select distinct on (saved.item_id, saved.turn) saved.* from saved join locked on locked.id = saved.item_id
      where locked.state = 'pending' order by saved.item_id, saved.turn, saved.call_id),
    said as (
      insert into texts (hash, body) select distinct on (hash) hash, body from saved order by hash on conflict do nothing),
    given as (
      update items i set completion_hash = first.hash, state = 'generated', names_model = first.names_model
      from first where first.last and i.id = first.item_id and i.id = ${anyOf('item_id')}
      returning first.call_id),
    played as (
      insert into item_turns (item_id, turn, completion_hash) select item_id, turn, hash from first where not last
      on conflict do nothing
      returning item_id, turn),
    own as (select call_id from given union all select first.call_id from played join first using (item_id, turn)),
    freed as (
      update accounts a set held_since = null, held_code = null
      where a.held_since is not null and a.id in (
        select account_id from generation_calls where id = ${anyOf('call_id')})
      returning a.id),
    answered as (
      update round_models m set failures = 0, failure_code = null, parked_at = null, retry_at = null
      from (select distinct i.round_id, i.model_id from items i where i.id = ${anyOf('item_id')}) used
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
      where c.id = saved.call_id and c.id = ${anyOf('call_id')} and c.outcome is null
      returning c.id, c.outcome, c.round_id, c.money - c.reserved_money as money, c.tokens - c.reserved_tokens as tokens),
    -- What nothing asks for would come last, in no order of ours: spending is locked after all else, its rounds in order.
    spending as materialized (
      select round_id from round_spending
      where round_id in (select round_id from ended)
        and (select count(*) from freed) >= 0 and (select count(*) from answered) >= 0
      order by round_id for update),
    settled as (
      update round_spending s set money = s.money + known.money, tokens = s.tokens + known.tokens
      from spending join (
        select round_id, sum(coalesce(money, 0)) as money, sum(coalesce(tokens, 0)) as tokens
        from ended group by round_id) known using (round_id)
      where s.round_id = spending.round_id)
    select id, outcome, null as round_id, null as model_id from ended
    union all select null, null, round_id, model_id from answered`,
);
