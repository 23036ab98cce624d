/** What is known of a model whatever the round. Unknown is null. */
export interface ModelFacts {
  id: string;
  family: string | null;
  parameters: number | null;
  /** FLOP. */
  trainingCompute: number | null;
  /** How it was trained, such as base or rlhf. */
  regime: string | null;
  /** A date, a month or a year: 2026-11-20, 2026-11, 2026. */
  releasedOn: string | null;
}
