/** Budgets: a round that has spent what it may holds its paid calls, before the call that would be too many. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { type Budget, type Cost, fits } from '../../domain/money';
import { askingOfItem, byCost, reserveOfPrompt } from '../../domain/reserve';
import type { Tx } from '../connection';
import { nudgeRound } from '../outbox';
import { lockRound, type RoundRow, readRound } from '../rounds/read';
import { audit } from '../schema';
import { callForAttention, nothingToAttend } from './attention';

export const BUDGET = 'budget';
const MARK = 'the budget is reached';

export interface Spent extends Cost {
  /** Of it, what calls under way have reserved. */
  inFlight: Cost;
}

/** @param lock no call of the round is claimed before the transaction ends. */
export async function spentOf(tx: Tx, roundId: RoundId, { lock = false }: { lock?: boolean } = {}): Promise<Spent> {
  const [spent] = await tx.execute<Record<'money' | 'tokens', number>>(sql`
    select money::float8, tokens::float8 from round_spending where round_id = ${roundId} ${lock ? sql`for update` : sql``}`);
  const [flying] = await tx.execute<Record<'money' | 'tokens', number>>(sql`
    select coalesce(sum(reserved_money), 0)::float8 as money, coalesce(sum(reserved_tokens), 0)::float8 as tokens
    from generation_calls where round_id = ${roundId} and outcome is null and claim_until > now()`);
  return {
    money: spent?.money ?? 0,
    tokens: spent?.tokens ?? 0,
    inFlight: { money: flying?.money ?? 0, tokens: flying?.tokens ?? 0 },
  };
}

/** What is spent for good, whatever the calls under way turn out to cost. */
function settled({ money, tokens, inFlight }: Spent): Cost {
  return { money: money - inFlight.money, tokens: tokens - inFlight.tokens };
}

/**
 * Call where a call did not fit in the budget. Calls under way mostly cost less than they reserve: while there are any that
 * may leave room, it is worth waiting for them.
 * @param need what the call would reserve.
 * @returns whether the round holds its calls from now on.
 */
export async function holdIfSpent(tx: Tx, roundId: RoundId, need: Cost): Promise<boolean> {
  const round = await lockRound(tx, roundId);
  if (round.heldAt) return true;
  const { budget } = round.settings;
  if (round.status !== 'running' || !budget) return false;
  const spent = await spentOf(tx, roundId, { lock: true });
  if (fits(budget, settled(spent), need)) return false;
  await tx.execute(sql`update rounds set held_at = now(), held_code = ${BUDGET} where id = ${roundId}`);
  await callForAttention(tx, roundId, MARK);
  const detail = { code: BUDGET, budget, spent: settled(spent), inFlight: spent.inFlight, need };
  await tx.insert(audit).values({ actor: 'plumbline', action: 'round.hold', subject: roundId, roundId, detail });
  await nudgeAll(tx, roundId);
  return true;
}

/** Lifts the hold; nothing happens to a round that does not hold its calls. @returns whether it did. */
export async function releaseHold(tx: Tx, roundId: RoundId): Promise<boolean> {
  const released = await tx.execute(sql`
    update rounds set held_at = null, held_code = null where id = ${roundId} and held_at is not null returning id`);
  if (released.length === 0) return false;
  await nothingToAttend(tx, MARK, roundId);
  await nudgeAll(tx, roundId);
  return true;
}

/** The round lets shards in, and those that stood still plan again. */
async function nudgeAll(tx: Tx, roundId: RoundId): Promise<void> {
  await nudgeRound(tx, roundId);
  await tx.execute(sql`
    insert into outbox (round_id, shard)
    select round_id, shard from shards where round_id = ${roundId} and state in ('generating', 'labelling') order by shard`);
}

/** @param budget a round's, or one that somebody wants to give it. */
export async function budgetLeavesRoom(tx: Tx, roundId: RoundId, budget?: Budget): Promise<boolean> {
  const round = await readRound(tx, roundId);
  const calls = await callsLeft(tx, round);
  const spent = settled(await spentOf(tx, roundId));
  return calls.length === 0 || calls.some((call) => fits(budget ?? round.settings.budget, spent, call));
}

/** What the cheapest call that is left would reserve; undefined where none is left. */
export async function cheapestCall(tx: Tx, roundId: RoundId): Promise<Cost | undefined> {
  return (await callsLeft(tx, await readRound(tx, roundId))).sort(byCost)[0];
}

/** The cheapest of each model and variant. Of a talk the next turn: it is never cheaper than its first. */
async function callsLeft(tx: Tx, { id, spec, settings }: RoundRow): Promise<Cost[]> {
  const rows = await tx.execute<{ model_id: string; variant: string; sent: number }>(sql`
    select i.model_id, i.variant, min(octet_length(t.body))::int as sent
    from shards s join items i on i.round_id = s.round_id and i.shard = s.shard
    join prompts p on p.id = i.prompt_id join texts t on t.hash = p.messages_hash
    where s.round_id = ${id} and (s.state in ('waiting', 'generating') or s.unopened > 0)
      and i.state = 'pending' group by i.model_id, i.variant`);
  return rows.flatMap(({ model_id, variant, sent }) => {
    const asking = askingOfItem(spec, model_id, variant);
    return asking ? [reserveOfPrompt(settings.prices, asking, sent)] : [];
  });
}
