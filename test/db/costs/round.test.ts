/** What a round has cost, held against plain sums over its rows. */
import { eq, sql } from 'drizzle-orm';
import { roundCosts } from '../../../db/costs/round';
import { claimCalls } from '../../../db/generation/claims';
import { saveCompletions } from '../../../db/generation/completions';
import { endCall, refund } from '../../../db/generation/failures';
import { resolveItems } from '../../../db/items/resolve';
import { readRound } from '../../../db/rounds/read';
import { showRound } from '../../../db/rounds/show';
import { generationCalls, items, rounds } from '../../../db/schema';
import { costOf, likelyOf } from '../../../domain/money';
import type { RunSettings } from '../../../domain/spec';
import { hashText } from '../../../domain/text';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk } from '../../setup/desk';
import { nth, type OpenRound, openRound } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

const PRICE = { input: 2, output: 10, call: 0.001 };

async function setting({ id }: OpenRound, more: Partial<RunSettings>): Promise<void> {
  const { settings } = await readRound(here.db, id);
  await here.db
    .update(rounds)
    .set({ settings: { ...settings, ...more } })
    .where(eq(rounds.id, id));
}
const modelsOf = async ({ id }: OpenRound) => (await readRound(here.db, id)).spec.models.map((model) => model.id);
const costsOf = async ({ id }: OpenRound) => {
  const view = await showRound(here.db, id);
  if (!view) throw new Error('no round');
  return view.costs;
};

type End = 'completed' | 'refused' | 'unanswered' | 'in-flight' | 'forgotten';
const ENDS: readonly End[] = ['completed', 'refused', 'unanswered', 'in-flight', 'forgotten', 'completed'];
const chance = (word: string, of: number) => Number.parseInt(hashText(word).slice(0, 8), 16) % of;

/** A call of the item, that ends in one of the ways in which calls end. */
async function call({ items: all }: OpenRound, n: number, end: End, priced: boolean): Promise<void> {
  const item = nth(all, n);
  const price = priced ? PRICE : undefined;
  const reserve = costOf(price, 900 + n, 1_000);
  const [claim] = await claimCalls(here.db, [{ itemId: item.id, turn: 0, claimMs: 60_000, reserve }]);
  if (!claim || !('callId' in claim)) throw new Error('not claimed');
  const { callId } = claim;
  const [promptTokens, completionTokens] = [200 + n, 30 + 7 * n];
  if (end === 'completed') {
    const cost = costOf(price, promptTokens, completionTokens);
    const said = { message: `"said ${n}"`, requestId: null, returnedModel: null, fingerprint: null };
    const counted = { finishReason: 'stop', promptTokens, completionTokens, namesModel: false, cost };
    const saved = { callId, itemId: item.id, turn: 0, last: true, ...said, ...counted };
    await here.db.transaction((tx) => saveCompletions(tx, [saved]));
  } else if (end === 'refused' || end === 'unanswered') {
    const httpStatus = end === 'refused' ? 429 : null;
    const failure = { callId, outcome: 'retryable', httpStatus, errorCode: 'x', requestId: null } as const;
    await here.db.transaction(async (tx) => {
      if (await endCall(tx, failure)) await refund(tx, callId);
    });
  } else if (end === 'forgotten') {
    await here.db.execute(
      sql`update generation_calls set claim_until = now() - interval '1 second' where id = ${callId}`,
    );
  }
}

test('calls cost what their rows add up to, whichever way they end; the counter beside them says the same', async () => {
  const round = await openRound(here.db, { items: 36, models: 3, pendingFrom: 0 });
  const [first = '', second = '', third = ''] = await modelsOf(round);
  const budget = { money: 9, tokens: null };
  await setting(round, { prices: { [first]: PRICE, [second]: PRICE }, currency: 'EUR', budget });
  for (let n = 0; n < 30; n += 1) {
    const priced = nth(round.items, n).modelId !== third;
    const end = nth(ENDS, chance(`end ${n}`, ENDS.length));
    await call(round, n, end, priced);
    if (end === 'refused' || end === 'unanswered') await call(round, n, 'completed', priced);
  }
  const costs = await costsOf(round);
  expect(costs).toMatchObject({ currency: 'EUR', unpriced: [third], budget, perSettled: null });

  const rows = await here.db.select().from(generationCalls).where(eq(generationCalls.roundId, round.id));
  const states = await here.db.select().from(items).where(eq(items.roundId, round.id));
  const now = Date.now();
  const all = { money: 0, tokens: 0, flyingMoney: 0, flyingTokens: 0 };
  let atEnd = 0;
  for (const [m, model] of [first, second, third].entries()) {
    const own = states.filter(({ modelId }) => modelId === model);
    const sum = { money: 0, tokens: 0, flyingMoney: 0, flyingTokens: 0, calls: 0 };
    for (const row of rows.filter(({ itemId }) => own.some(({ id }) => id === itemId))) {
      sum.calls += 1;
      sum.money += row.money === null ? row.reservedMoney : row.money;
      sum.tokens += row.tokens === null ? row.reservedTokens : row.tokens;
      if (row.outcome !== null || row.claimUntil.getTime() < now) continue;
      sum.flyingMoney += row.reservedMoney;
      sum.flyingTokens += row.reservedTokens;
    }
    const [answered, pending] = ['generated', 'pending'].map((of) => own.filter(({ state }) => state === of).length);
    const told = nth(costs.byModel, m);
    expect(told).toMatchObject({ model, calls: sum.calls, answered, pending, priced: m < 2, tokens: sum.tokens });
    if (m === 2) expect(told.money).toBeNull();
    else expect(told.money).toBeCloseTo(sum.money, 9);
    for (const key of ['money', 'tokens', 'flyingMoney', 'flyingTokens'] as const) all[key] += sum[key];
    const landed = sum.money - sum.flyingMoney;
    atEnd += landed + (landed / (answered ?? 0)) * (pending ?? 0);
  }
  expect(costs.calls.money).toBeCloseTo(all.money, 9);
  expect(costs.calls.tokens).toBe(all.tokens);
  expect(costs.calls.inFlight.money).toBeCloseTo(all.flyingMoney, 9);
  expect(costs.calls.inFlight.tokens).toBe(all.flyingTokens);
  expect(all.flyingTokens).toBeGreaterThan(0);
  expect(costs.forecast?.from).toBe('this-round');
  expect(costs.forecast?.atEnd.money).toBeCloseTo(atEnd, 6);
  const [counter] = await here.db.execute<{ money: number; tokens: number }>(
    sql`select money::float8, tokens::float8 from round_spending where round_id = ${round.id}`,
  );
  expect(counter?.money).toBeCloseTo(all.money, 9);
  expect(counter?.tokens).toBe(all.tokens);
});

test('before the first answer the forecast goes by the length of prompts and what answers may be', async () => {
  const messages = [{ role: 'user', content: 'x'.repeat(4_000) }];
  const round = await openRound(here.db, { items: 8, pendingFrom: 0, messages });
  const [model = ''] = await modelsOf(round);
  await setting(round, { prices: { [model]: PRICE } });
  const { forecast } = await costsOf(round);
  const each = likelyOf(PRICE, { sent: JSON.stringify(messages).length, written: null, maxTokens: null });
  expect(forecast?.from).toBe('guess');
  expect(forecast?.money).toBeCloseTo(8 * each.money, 6);
});

test('people cost their hours at the wage of their group, and a settled item its share of all', async () => {
  const labellers = [{ groups: ['doctors'] }, {}];
  const round = await openRound(here.db, { items: 4, overlap: 2, labellers });
  const [model = ''] = await modelsOf(round);
  await setting(round, {
    prices: { [model]: PRICE },
    currency: 'EUR',
    wages: { perHour: 12, groups: { doctors: 90 } },
  });
  for (const { id } of round.labellers) await new Desk(here.db, round.id, id).drain();
  // One after the other, ten minutes each, an hour ago.
  await here.db.execute(sql`
    with ranked as (select id, row_number() over (partition by labeller_id order by leased_at) as n
      from assignments where round_id = ${round.id})
    update assignments a set leased_at = date_trunc('day', now()) - interval '2 hours' + ranked.n * interval '10 minutes',
      ended_at = date_trunc('day', now()) - interval '2 hours' + (ranked.n + 1) * interval '10 minutes', viewed_at = null
    from ranked where ranked.id = a.id`);
  await here.db.execute(sql`
    insert into generation_calls (item_id, round_id, account_id, try, claim_until, ended_at, outcome, completion_hash,
      reserved_money, reserved_tokens, money, tokens)
    select id, round_id, account_id, 1, now(), now(), 'completed', completion_hash, 1, 1000, 0.25, 100
    from items where round_id = ${round.id}`);
  await resolveItems(here.db, round.id, 0);
  const costs = await costsOf(round);
  const hours = 4 / 6;
  expect(costs.people).toEqual({
    hours: expect.closeTo(2 * hours, 3),
    money: expect.closeTo(102 * hours, 2),
    labellers: 2,
  });
  expect(costs.perSettled?.calls).toBeCloseTo(0.25, 9);
  expect(costs.perSettled?.people).toBeCloseTo((102 * hours) / 4, 2);
  expect(costs.perSettled?.total).toBeCloseTo(0.25 + (102 * hours) / 4, 2);
  expect(costs.byModel[0]).toMatchObject({ settled: 4, perSettled: 0.25, money: 1, tokens: 400 });
  expect(costs.forecast).toBeNull();
});

test('without prices and wages there is no money; completions that came with the prompts lack no price', async () => {
  const round = await openRound(here.db, { items: 2, models: 2 });
  const before = await readRound(here.db, round.id);
  const [called, given] = before.spec.models;
  if (!called || !given) throw new Error('no models');
  const spec = { ...before.spec, models: [called, { ...given, accountId: null }] };
  const costs = await roundCosts(here.db, { ...before, spec });
  expect(costs.calls).toEqual({ money: null, tokens: 0, inFlight: { money: null, tokens: 0 } });
  expect(costs.unpriced).toEqual([called.id]);
  expect(costs.people).toEqual({ hours: 0, money: null, labellers: 0 });
  expect(costs.perSettled).toBeNull();
});
