/** What a round's calls have cost, model by model, and what the rest of them is likely to. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { type Cost, likelyOf } from '../../domain/money';
import { type FrozenSpec, longestAnswer, type RunSettings } from '../../domain/spec';
import type { Tx } from '../connection';

export interface ModelCost extends Cost {
  model: string;
  /** Calls made, whatever came of them. */
  calls: number;
  /** Of the cost, what calls under way have reserved: most of it will not be spent. */
  inFlight: Cost;
  promptTokens: number;
  completionTokens: number;
  /** Items that have a completion, and those that wait for one. */
  answered: number;
  pending: number;
  settled: number;
  /** Whether the spec gives a price: without one money is not known. */
  priced: boolean;
}

/** What a round's remaining calls are likely to cost. */
export interface CallForecast extends Cost {
  /**
   * How it was reckoned: from what this round's answers cost so far, those of earlier rounds, or, where nothing is known, from
   * prompts of four bytes a token and answers half as long as allowed.
   */
  from: 'this-round' | 'earlier-rounds' | 'guess';
}

export async function modelCosts(
  tx: Tx,
  roundId: RoundId,
  spec: FrozenSpec,
  settings: RunSettings,
): Promise<ModelCost[]> {
  const calls = await tx.execute<
    Record<'calls' | 'money' | 'tokens' | 'sent' | 'written' | 'flyingMoney' | 'flyingTokens', number> & {
      model: string;
    }
  >(sql`
    select i.model_id as model, count(*)::int as calls, sum(coalesce(c.money, c.reserved_money))::float8 as money,
      -- Calls of earlier versions reserved nothing.
      sum(coalesce(c.tokens, nullif(c.reserved_tokens, 0),
        coalesce(c.prompt_tokens, 0) + coalesce(c.completion_tokens, 0)))::float8 as tokens,
      coalesce(sum(c.prompt_tokens), 0)::float8 as sent,
      coalesce(sum(c.completion_tokens), 0)::float8 as written,
      coalesce(sum(c.reserved_money) filter (where ${IN_FLIGHT}), 0)::float8 as "flyingMoney",
      coalesce(sum(c.reserved_tokens) filter (where ${IN_FLIGHT}), 0)::float8 as "flyingTokens"
    from generation_calls c join items i on i.id = c.item_id where c.round_id = ${roundId} group by i.model_id`);
  const items = await tx.execute<Record<'answered' | 'pending' | 'settled', number> & { model: string }>(sql`
    select model_id as model, count(completion_hash)::int as answered,
      count(*) filter (where state = 'pending')::int as pending, count(*) filter (where state = 'settled')::int as settled
    from items where round_id = ${roundId} group by model_id`);
  return spec.models.map(({ id }) => {
    const made = calls.find(({ model }) => model === id);
    const its = items.find(({ model }) => model === id);
    return {
      model: id,
      calls: made?.calls ?? 0,
      money: made?.money ?? 0,
      tokens: made?.tokens ?? 0,
      inFlight: { money: made?.flyingMoney ?? 0, tokens: made?.flyingTokens ?? 0 },
      promptTokens: made?.sent ?? 0,
      completionTokens: made?.written ?? 0,
      answered: its?.answered ?? 0,
      pending: its?.pending ?? 0,
      settled: its?.settled ?? 0,
      priced: settings.prices?.[id] !== undefined,
    };
  });
}

const IN_FLIGHT = sql`c.outcome is null and c.claim_until > now()`;

/** For what is still to be generated, with what is under way. @param costs of every model of the round. */
export async function forecastOfRest(
  tx: Tx,
  round: { id: RoundId; spec: FrozenSpec; settings: RunSettings },
  costs: readonly ModelCost[],
): Promise<CallForecast> {
  const forecast: CallForecast = { money: 0, tokens: 0, from: 'this-round' };
  for (const cost of costs.filter(({ pending }) => pending > 0)) {
    const each =
      cost.answered > 0
        ? meanOf(cost)
        : await likelyCall(tx, round.spec, round.settings, cost.model, await meanPrompt(tx, round.id, cost.model));
    forecast.money += each.money * cost.pending;
    forecast.tokens += each.tokens * cost.pending;
    if (each.from !== 'this-round') forecast.from = each.from;
  }
  return forecast;
}

/** Failed calls are in it, calls under way are not. */
function meanOf({ answered, money, tokens, inFlight }: ModelCost): CallForecast {
  const each = { money: (money - inFlight.money) / answered, tokens: (tokens - inFlight.tokens) / answered };
  return { ...each, from: 'this-round' };
}

async function meanPrompt(tx: Tx, roundId: RoundId, model: string): Promise<number> {
  const [row] = await tx.execute<{ sent: number }>(sql`
    select coalesce(avg(octet_length(t.body)), 0)::float8 as sent
    from items i join prompts p on p.id = i.prompt_id join texts t on t.hash = p.messages_hash
    where i.round_id = ${roundId} and i.model_id = ${model}`);
  return row?.sent ?? 0;
}

/**
 * By the newest answers of a model of this name; what a SIMULATED one wrote tells nothing of a real one.
 * @param sent mean bytes of a prompt.
 */
export async function likelyCall(
  tx: Tx,
  spec: Pick<FrozenSpec, 'models'>,
  settings: RunSettings,
  model: string,
  sent: number,
): Promise<CallForecast> {
  const asked = spec.models.find(({ id }) => id === model);
  const simulated = sql`coalesce((select simulated from accounts where id = ${asked?.accountId ?? null}::text), false)`;
  const [earlier] = await tx.execute<{ written: number | null }>(sql`
    select avg(completion_tokens)::float8 as written from (
      select c.completion_tokens from generation_calls c join items i on i.id = c.item_id
      join accounts a on a.id = c.account_id
      where i.model_id = ${model} and c.completion_tokens is not null and a.simulated = ${simulated} order by c.id desc limit 1000) newest`);
  const written = earlier?.written ?? null;
  const maxTokens = asked ? longestAnswer(asked) : null;
  const cost = likelyOf(settings.prices?.[model], { sent, written, maxTokens });
  return { ...cost, from: written === null ? 'guess' : 'earlier-rounds' };
}
