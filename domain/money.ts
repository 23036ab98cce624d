/** What calls and people cost: prices, budgets, wages. Money is in the round's currency. */

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
