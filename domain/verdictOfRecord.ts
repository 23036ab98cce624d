/** The verdict of record of an item: a pure function of its state and all its counted labels. */
import { type Answers, verdictOf } from './forms';
import { type ResolvingRule, resolve } from './resolving';
import type { Outcome } from './results';
import type { ItemState } from './states';

export interface RecordedOutcome {
  outcome: Outcome;
  /** The commonest reason among the labels of the settled class, `mixed` for a tie; why it failed; null if none is given. */
  reason: string | null;
}

/** The order of the labels does not matter. */
export function verdictOfRecord(
  item: { state: ItemState; failCode: string | null },
  answers: readonly Answers[],
  rule: ResolvingRule,
): RecordedOutcome {
  if (item.state === 'failed') return { outcome: 'failed', reason: item.failCode };
  const resolution = resolve(answers.map(verdictOf), rule, true);
  if (resolution.kind !== 'settled') return { outcome: 'unresolved', reason: null };
  const agreeing = answers.filter((each) => verdictOf(each) === resolution.verdict);
  return { outcome: resolution.verdict, reason: plurality(agreeing.map((each) => each.reason)) };
}

function plurality(reasons: readonly (string | undefined)[]): string | null {
  const counts = new Map<string, number>();
  for (const reason of reasons) if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const first = [...counts].filter(([, n]) => n === most).map(([reason]) => reason);
  return first.length > 1 ? 'mixed' : (first[0] ?? null);
}
