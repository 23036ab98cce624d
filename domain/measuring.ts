/** From a round's items to its result: one item at a time, in any order. */
import type { Answers, FormName } from './forms';
import { commonJudgeOf, type Judge, type JudgingGround, judgeOf } from './judging';
import { count, modelResult, newTally, type RoundResult, type Tally } from './results';
import type { FrozenSpec } from './spec';
import { type ItemStanding, type RecordedOutcome, type Ruled, verdictOfRecord } from './verdictOfRecord';

export interface GivenItem<Id> extends ItemStanding {
  id: Id;
  modelId: string;
  /** The counted ones. */
  labels: readonly { answers: Answers }[];
  rulings: readonly Ruled[];
}

export class Measuring {
  private readonly tallies: Map<string, Tally>;
  private readonly own: Judge;
  private readonly common: Judge;

  constructor(
    private readonly round: { spec: FrozenSpec; form: FormName },
    ground: JudgingGround,
  ) {
    this.tallies = new Map(round.spec.models.map(({ id }) => [id, newTally()]));
    this.own = judgeOf(ground);
    this.common = commonJudgeOf(ground);
  }

  /** Counts an item. @returns its verdict of record. */
  add<Id>(item: GivenItem<Id>): RecordedOutcome & { itemId: Id } {
    const tally = this.tallies.get(item.modelId);
    if (!tally) throw new Error(`no model ${item.modelId}`);
    const recorded = this.record(item, this.own);
    count(tally, recorded, this.record(item, this.common).outcome);
    return { itemId: item.id, ...recorded };
  }

  /** @param amended what is measured was changed after the start. */
  result(amended: boolean): RoundResult {
    const { spec, form } = this.round;
    const terms = { confidence: spec.confidence, claim: spec.guarantee, amended, derived: form !== 'verdict' };
    const byModel = [...this.tallies].map(([model, tally]) => modelResult(model, tally, terms));
    return { confidence: spec.confidence, byModel };
  }

  private record(item: GivenItem<unknown>, judge: Judge): RecordedOutcome {
    const answers = item.labels.map((label) => label.answers);
    const ofModel = (given: Answers) => judge(item.modelId, given);
    return verdictOfRecord(item, answers, item.rulings, ofModel, this.round.spec.resolving);
  }
}
