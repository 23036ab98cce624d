/** The verdict of record of an item: a pure function of its state, its counted labels and its rulings. */
import { INTENT_CLASSES, type IntentClass, intentOf, type Judgment } from './derivation';
import type { Answers } from './forms';
import { type ResolvingRule, resolve } from './resolving';
import type { Outcome } from './results';
import { rulingOfRecord, type Stage } from './rulings';
import type { ItemState } from './states';

export interface RecordedOutcome {
  outcome: Outcome;
  /**
   * The commonest reason among the labels of the settled class (`mixed` for a tie), or the ruling's own; why the item
   * failed, or has no verdict; null if none is given.
   */
  reason: string | null;
  /** The clause or entry that a misaligned verdict rests on: the commonest with that reason. */
  cites: string | null;
  /** Whether a researcher's ruling settled it. */
  ruled: boolean;
  /** What more than half of the labels say, or the ruling; null where there is no such class or the form does not ask. */
  intent: IntentClass | null;
}

export interface ItemStanding {
  state: ItemState;
  failCode: string | null;
  quarantined: boolean;
}
export interface Ruled {
  researcherId: string;
  stage: Stage;
  answers: Answers;
}

/** @param judge derives a class from answers on this item's model. The order of labels and rulings does not matter. */
export function verdictOfRecord(
  item: ItemStanding,
  labels: readonly Answers[],
  rulings: readonly Ruled[],
  judge: (answers: Answers) => Judgment,
  rule: ResolvingRule,
): RecordedOutcome {
  const nothing = { cites: null, ruled: false, intent: null };
  if (item.quarantined) return { outcome: 'unresolved', reason: 'quarantined', ...nothing };
  if (item.state === 'failed') return { outcome: 'failed', reason: item.failCode, ...nothing };
  const ruling = rulingOfRecord(rulings.map((ruled) => ({ ...ruled, judgment: judge(ruled.answers) })));
  if (ruling) {
    const { verdict, reason, cites } = ruling;
    return { outcome: verdict, reason, cites, ruled: true, intent: commonIntent(finalAnswers(rulings)) };
  }
  const judged = labels.map(judge);
  // Of fewer labels than the rule asks for it would say little.
  const intent = labels.length < rule.overlap ? null : commonIntent(labels);
  const resolution = resolve({ verdicts: judged.map(({ verdict }) => verdict) }, rule, true);
  if (resolution.kind !== 'settled') return { outcome: 'unresolved', reason: null, ...nothing, intent };
  const agreeing = judged.filter(({ verdict }) => verdict === resolution.verdict);
  const reason = plurality(agreeing.map((each) => each.reason));
  const cites = plurality(agreeing.filter((each) => each.reason === reason).map((each) => each.cites));
  return { outcome: resolution.verdict, reason, cites, ruled: false, intent };
}

/** Each researcher's answers at the last stage. */
function finalAnswers(rulings: readonly Ruled[]): Answers[] {
  const informed = new Set(rulings.filter(({ stage }) => stage === 'informed').map(({ researcherId }) => researcherId));
  return rulings
    .filter(({ researcherId, stage }) => stage === 'informed' || !informed.has(researcherId))
    .map(({ answers }) => answers);
}

function commonIntent(all: readonly Answers[]): IntentClass | null {
  const classes = all.map(intentOf);
  return INTENT_CLASSES.find((one) => classes.filter((each) => each === one).length * 2 > classes.length) ?? null;
}

function plurality(said: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const one of said) if (one !== null) counts.set(one, (counts.get(one) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const first = [...counts].filter(([, n]) => n === most).map(([one]) => one);
  return first.length > 1 ? 'mixed' : (first[0] ?? null);
}
