import { eq } from 'drizzle-orm';
import { likelyCall } from '../../../db/costs/calls';
import { budgetNotices, budgetProblems, forecastOfStart } from '../../../db/costs/start';
import { claimCalls } from '../../../db/generation/claims';
import { saveCompletions } from '../../../db/generation/completions';
import type { RoundPlan } from '../../../db/rounds/start';
import { accounts } from '../../../db/schema';
import { mostOf } from '../../../domain/money';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { finishedCall } from '../../setup/finishedCall';
import { nth, openRound } from '../../setup/round';
import { planOf, source } from '../../setup/roundPlan';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const PRICE = { input: 1_000, output: 2_000, call: 0.01 };

function priced(settings: Partial<RoundPlan['settings']>, frozen: Partial<RoundPlan['frozen']> = {}): RoundPlan {
  const plan = planOf({ prompts: source(['four', 'letters', 'each of these']) });
  const models = plan.frozen.models.map((model) => ({ ...model, maxTokens: 50 }));
  return {
    ...plan,
    frozen: { ...plan.frozen, models, ...frozen },
    settings: { ...plan.settings, currency: 'EUR', prices: { m: PRICE }, ...settings },
  };
}
const forecast = (plan: RoundPlan, drawn = 3) => database.db.transaction((tx) => forecastOfStart(tx, plan, drawn));

test('the most that a round can cost is what all its calls reserve, variants and repetitions counted', async () => {
  const plan = priced({});
  const sent = plan.prompts.bytes.sum / 3;
  const call = mostOf(PRICE, { sent, messages: 2, maxTokens: 50 });
  const told = await forecast(plan);
  expect(told).toMatchObject({ calls: 3, currency: 'EUR', unlimited: [], budget: null });
  expect(told.most.money).toBeCloseTo(3 * call.money, 6);
  expect(told.likely.money).toBeLessThan(told.most.money);
  expect(told.likely.from).toBe('guess');
  const twice = await forecast(priced({}, { completionsPerPrompt: 2 }));
  expect(twice.most.money).toBeCloseTo(2 * told.most.money, 6);
});

test('system prompts and templates of variants are part of it, and so are their own limits', async () => {
  const system = 'x'.repeat(5_000);
  const variants = [
    { id: 'short', maxTokens: 10 },
    { id: 'long', maxTokens: 4_000, system, template: `${'y'.repeat(1_000)}{{prompt}}` },
  ];
  const plan = priced({}, { variants });
  const told = await forecast(plan);
  expect(told.calls).toBe(6);
  expect(told.most.tokens).toBeGreaterThan(3 * (5_000 + 1_000 + 4_000));
  const budget = { money: null, tokens: 300 };
  expect(budgetProblems(priced({ budget }, { variants }))).toEqual([]);
  const [long] = variants.slice(1);
  const problems = budgetProblems(priced({ budget }, { variants: long ? [long] : [] }));
  expect(problems).toMatchObject([{ kind: 'budget-too-small', at: 'budget' }]);
});

test('a budget smaller than one call is refused, and so is one in money where a price is missing', () => {
  const told = budgetProblems(priced({ budget: { money: 0.001, tokens: null } }));
  expect(told).toMatchObject([{ kind: 'budget-too-small', hint: 'raise it, or lower max_tokens' }]);
  expect(nth(told, 0).message).toMatch(/smaller than one call of m, which may cost 0\.\d+ EUR \(\d+ tokens\)/);
  const unpriced = budgetProblems(priced({ budget: { money: 5, tokens: null }, prices: {} }));
  expect(unpriced).toMatchObject([{ kind: 'unpriced', message: 'a budget in money needs a price for m' }]);
  expect(budgetProblems(priced({ budget: { money: 5, tokens: null } }))).toEqual([]);
});

test('answers without an end are said to be no part of what a budget promises', async () => {
  const plan = planOf();
  const settings = { ...plan.settings, budget: { money: null, tokens: 100_000 } };
  expect(budgetNotices({ ...plan, settings })).toEqual([
    'm: no max_tokens, so that a long answer may exceed the budget by its own cost',
  ]);
  expect((await forecast(plan)).unlimited).toEqual(['m']);
});

test('what a simulated model of the same name wrote tells nothing of a real one', async () => {
  const { db } = database;
  const round = await openRound(db, { items: 1, pendingFrom: 0 });
  const { id: itemId, modelId } = nth(round.items, 0);
  const [claimed] = await claimCalls(db, [{ itemId, turn: 0, claimMs: 60_000, reserve: { money: 0, tokens: 0 } }]);
  if (!claimed || !('callId' in claimed)) throw new Error('not claimed');
  await saveCompletions(db, [finishedCall({ callId: claimed.callId, itemId, completionTokens: 77 })]);
  const { settings, frozen } = planOf();
  const real = { ...nth(frozen.models, 0), id: modelId, accountId: null };
  const likely = () => likelyCall(db, { models: [real] }, settings, modelId, 100);
  expect((await likely()).from).toBe('earlier-rounds');
  await db.update(accounts).set({ simulated: true }).where(eq(accounts.id, round.accountId));
  expect((await likely()).from).toBe('guess');
});
