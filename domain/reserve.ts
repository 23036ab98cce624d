/** What a call of a round reserves: one reckoning for the call itself, for forecasts and for budgets. */
import { type Cost, mostOf } from './money';
import { type FrozenModel, type FrozenSpec, longestAnswer, type RunSettings } from './spec';
import { asAsked, type FrozenVariant, variantOf } from './variants';

/** @param sent bytes of the messages as they are sent, without the system prompt. @param model as it is asked. */
export function reserveOf(
  prices: RunSettings['prices'],
  model: FrozenModel,
  { sent, messages }: { sent: number; messages: number },
): Cost {
  const system = model.system === null ? 0 : new TextEncoder().encode(model.system).length;
  return mostOf(prices?.[model.id], { sent: sent + system, messages: messages + 1, maxTokens: longestAnswer(model) });
}

/** A way in which a round asks a model: with one of its variants. */
export interface Asking {
  model: FrozenModel;
  /** Bytes that the variant's template puts around a prompt. */
  around: number;
}

/** Of every model that is called, by variant. */
export function askings({ models, variants }: Pick<FrozenSpec, 'models' | 'variants'>): Asking[] {
  const called = models.filter(({ accountId }) => accountId !== null);
  return called.flatMap((model) => (variants ?? [undefined]).map((variant) => askingOf(model, variant)));
}

/** Of an item. @returns undefined for a model that the round does not have. */
export function askingOfItem(spec: FrozenSpec, modelId: string, variant: string): Asking | undefined {
  const model = spec.models.find(({ id }) => id === modelId);
  return model && askingOf(model, variantOf(spec, variant));
}

function askingOf(model: FrozenModel, variant: FrozenVariant | undefined): Asking {
  const around = variant?.template === undefined ? 0 : new TextEncoder().encode(variant.template).length;
  return { model: asAsked(model, variant, 0), around };
}

/** @param sent bytes of the prompt's messages. */
export function reserveOfPrompt(prices: RunSettings['prices'], { model, around }: Asking, sent: number): Cost {
  return reserveOf(prices, model, { sent: sent + around, messages: 1 });
}

/** The cheaper one comes first: in money, then in tokens. */
export function byCost(a: Cost, b: Cost): number {
  return a.money - b.money || a.tokens - b.tokens;
}
