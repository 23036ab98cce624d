/** What a round is going to cost, before it is started. */
import { type Budget, type Cost, fits } from '../../domain/money';
import type { Problem } from '../../domain/problems';
import { askings, byCost, reserveOfPrompt } from '../../domain/reserve';
import { longestAnswer, unpricedModels } from '../../domain/spec';
import type { Tx } from '../connection';
import type { RoundPlan } from '../rounds/start';
import { type CallForecast, likelyCall } from './calls';

export interface StartForecast {
  calls: number;
  /** ISO 4217; null where no model has a price: then only tokens are known. */
  currency: string | null;
  /** No more than this, where nothing is in `unlimited` or tried again. */
  most: Cost;
  likely: CallForecast;
  /** Models whose answers no max_tokens limits. */
  unlimited: string[];
  budget: Budget | null;
}

/** Bytes that an answer's token may become when it is sent again in a later turn. */
const BYTES_OF_A_TOKEN = 8;

/** @param drawn prompts. */
export async function forecastOfStart(tx: Tx, plan: RoundPlan, drawn: number): Promise<StartForecast> {
  const { frozen, settings, prompts } = plan;
  const asked = askings(frozen);
  const { completionsPerPrompt = 1 } = frozen;
  const each = drawn * completionsPerPrompt;
  const sent = prompts.bytes.sum / Math.max(1, prompts.size);
  const forecast: StartForecast = {
    calls: each * asked.length * prompts.mostTurns,
    currency: asked.some(({ model }) => settings.prices?.[model.id]) ? (settings.currency ?? 'USD') : null,
    most: { money: 0, tokens: 0 },
    likely: { money: 0, tokens: 0, from: 'earlier-rounds' },
    unlimited: [...new Set(asked.filter(({ model }) => longestAnswer(model) === null).map(({ model }) => model.id))],
    budget: settings.budget ?? null,
  };
  for (const asking of asked) {
    const { model, around } = asking;
    const system = model.system === null ? 0 : Buffer.byteLength(model.system);
    const likely = await likelyCall(tx, { models: [model] }, settings, model.id, sent + around + system);
    if (likely.from === 'guess') forecast.likely.from = 'guess';
    for (let turn = 0; turn < prompts.mostTurns; turn += 1) {
      const said = turn * (longestAnswer(model) ?? 0) * BYTES_OF_A_TOKEN;
      const most = reserveOfPrompt(settings.prices, asking, sent + said);
      forecast.most.money += most.money * each;
      forecast.most.tokens += most.tokens * each;
      forecast.likely.money += likely.money * each;
      forecast.likely.tokens += likely.tokens * each;
    }
  }
  return forecast;
}

/** A budget that does not even pay for one call of some model, or that no price makes money of. */
export function budgetProblems({ frozen, settings, prompts }: RoundPlan): Problem[] {
  const { budget, prices = {}, currency } = settings;
  const called = frozen.models.filter(({ accountId }) => accountId !== null);
  if (!budget || called.length === 0) return [];
  const unpriced = unpricedModels(frozen, settings);
  if (unpriced.length > 0) {
    const hint = `give the price of each under prices, per million tokens: {${unpriced[0]}: {input: 0.15, output: 0.6}}`;
    const message = `a budget in money needs a price for ${unpriced.join(', ')}`;
    return [{ kind: 'unpriced', message, hint, at: 'budget.money' }];
  }
  return called.flatMap(({ id }) => {
    const calls = askings(frozen).filter(({ model }) => model.id === id);
    const [call] = calls.map((asking) => reserveOfPrompt(prices, asking, prompts.bytes.least)).sort(byCost);
    if (!call || fits(budget, { money: 0, tokens: 0 }, call)) return [];
    const message = `the budget is smaller than one call of ${id}, which may cost ${call.money} ${currency ?? ''} (${call.tokens} tokens)`;
    return [{ kind: 'budget-too-small', message, hint: 'raise it, or lower max_tokens', at: 'budget' }];
  });
}

/** A budget holds for certain only where each call has an end. */
export function budgetNotices({ frozen, settings }: RoundPlan): string[] {
  const unlimited = askings(frozen).filter(({ model }) => longestAnswer(model) === null);
  if (!settings.budget || unlimited.length === 0) return [];
  const names = [...new Set(unlimited.map(({ model }) => model.id))].join(', ');
  return [`${names}: no max_tokens, so that a long answer may exceed the budget by its own cost`];
}
