/** Deriving the labels of one round: its models, its capability table, its start. */
import { abilitiesOf, type CapabilityTable, heldByAll, type ModelTraits, NOTHING_KNOWN } from './capability';
import { type AbilityOf, type Judgment, judge } from './derivation';
import type { Answers } from './forms';

/** What follows from answers on a completion of a model. */
export type Judge = (modelId: string, answers: Answers) => Judgment;

export interface JudgingGround {
  models: readonly ModelTraits[];
  /** null: nothing is known of any model. */
  table: CapabilityTable | null;
  /** The round's start: cells that had expired by then are unknown. */
  at: Date;
}

/** By what is known of each model itself. */
export function judgeOf(ground: JudgingGround): Judge {
  const abilities = abilitiesByModel(ground);
  return (modelId, answers) => judge(answers, abilities.get(modelId) ?? NOTHING_KNOWN);
}

/** By what all models of the round are capable of: else the best-studied model looks worst. */
export function commonJudgeOf(ground: JudgingGround): Judge {
  const common = heldByAll([...abilitiesByModel(ground).values()]);
  return (_modelId, answers) => judge(answers, common);
}

function abilitiesByModel({ models, table, at }: JudgingGround): Map<string, AbilityOf> {
  return new Map(models.map((model) => [model.id, table === null ? NOTHING_KNOWN : abilitiesOf(model, table, at)]));
}
