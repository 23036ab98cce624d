/** What calls and people cost: prices, budgets, wages. Money is in the round's currency, to a billionth of its unit. */

/** Where nothing else is said. */
export const USUAL_CURRENCY = 'USD';

/** Of a model. */
export interface ModelPrice {
  /** Per million tokens sent. */
  input: number;
  /** Per million tokens written. */
  output: number;
  /** Per call, whatever its length. */
  call: number;
}

/** What a round may spend on calls; null: no limit of this kind. */
export interface Budget {
  money: number | null;
  tokens: number | null;
}

/** What people are paid an hour. Whoever is in several of the groups gets the highest. */
export interface Wages {
  perHour: number;
  groups: Record<string, number>;
}

/** Of a call or of many. */
export interface Cost {
  money: number;
  tokens: number;
}

const FREE: ModelPrice = { input: 0, output: 0, call: 0 };

export function costOf(price: ModelPrice | undefined, promptTokens: number, completionTokens: number): Cost {
  const { input, output, call } = price ?? FREE;
  const money = call + (promptTokens * input + completionTokens * output) / 1e6;
  return { money: toBillionths(money), tokens: promptTokens + completionTokens };
}

/** What a call is taken to write at most where nothing limits it. */
export const UNLIMITED_OUTPUT = 4_096;
/** Tokens that an endpoint may add around each message. */
const AROUND_A_MESSAGE = 16;

/**
 * The most that a call can cost, known before it is made: a token is at least a byte, and no more is written than was
 * allowed. Where nothing limits the output it may cost more: `UNLIMITED_OUTPUT` is assumed.
 * @param sent the messages' bytes in UTF-8. @param messages how many.
 */
export function mostOf(
  price: ModelPrice | undefined,
  { sent, messages, maxTokens }: { sent: number; messages: number; maxTokens: number | null },
): Cost {
  return costOf(price, sent + messages * AROUND_A_MESSAGE, maxTokens ?? UNLIMITED_OUTPUT);
}

const BYTES_A_TOKEN = 4;

/**
 * What a call is likely to cost.
 * @param sent the messages' bytes in UTF-8. @param written tokens that the model's answers have had; null where it has given none:
 * then half of what it may write.
 */
export function likelyOf(
  price: ModelPrice | undefined,
  { sent, written, maxTokens }: { sent: number; written: number | null; maxTokens: number | null },
): Cost {
  return costOf(price, sent / BYTES_A_TOKEN, written ?? (maxTokens ?? UNLIMITED_OUTPUT) / 2);
}

/** Whether a cost fits in what a budget leaves beside what is spent. */
export function fits(budget: Budget | undefined, spent: Cost, more: Cost): boolean {
  if (!budget) return true;
  const { money, tokens } = budget;
  return (
    (money === null || spent.money + more.money <= money) && (tokens === null || spent.tokens + more.tokens <= tokens)
  );
}

/** Sums of money without the dust of floating point. */
export function toBillionths(money: number): number {
  return Math.round(money * 1e9) / 1e9;
}
