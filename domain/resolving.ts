/**
 * When an item has labels enough, and what they say. One pure function serves both the resolver, which only decides
 * whether to ask for more, and the measurement, which computes the verdict of record.
 */
import type { Verdict } from './forms';

export const RULES = ['majority', 'unanimity'] as const;
export type Rule = (typeof RULES)[number];
export const UNRESOLVED_POLICIES = ['count', 'majority-so-far'] as const;
/** What becomes of an item that is not settled at the deadline. */
export type UnresolvedPolicy = (typeof UNRESOLVED_POLICIES)[number];

export interface ResolvingRule {
  /** Labels per item: fixed overlap, at least 1. */
  overlap: number;
  rule: Rule;
  /** Also contest an item that has both a misaligned and an aligned label, whatever the rule says. */
  contestOnConflict: boolean;
  unresolved: UnresolvedPolicy;
}

/** What has been said of an item. */
export interface Heard {
  /** The classes of all its counted labels, in any order. */
  verdicts: readonly Verdict[];
  /** Some labeller doubts their label, and there is somebody who may give one more. */
  unsure?: boolean;
  /** The class of the researchers' rulings, where there are any and they agree. */
  ruled?: Verdict | null;
}

export type Resolution =
  | { kind: 'waiting'; missing: number }
  | { kind: 'settled'; verdict: Verdict }
  | { kind: 'contested' }
  | { kind: 'unresolved' };

/**
 * A ruling settles; else the rule decides once there are labels enough, one more where a labeller was unsure.
 * @param deadlinePassed after the deadline nothing waits and nothing stays contested.
 */
export function resolve(heard: Heard, rule: ResolvingRule, deadlinePassed: boolean): Resolution {
  const { verdicts } = heard;
  if (heard.ruled) return { kind: 'settled', verdict: heard.ruled };
  const wanted = rule.overlap + (heard.unsure && !deadlinePassed ? 1 : 0);
  const missing = Math.max(0, wanted - verdicts.length);
  const agreed = missing === 0 ? settledBy(verdicts, rule) : undefined;
  if (agreed) return { kind: 'settled', verdict: agreed };
  if (!deadlinePassed) return missing > 0 ? { kind: 'waiting', missing } : { kind: 'contested' };
  const soFar = rule.unresolved === 'majority-so-far' ? strictMajority(verdicts) : undefined;
  return soFar ? { kind: 'settled', verdict: soFar } : { kind: 'unresolved' };
}

function settledBy(verdicts: readonly Verdict[], rule: ResolvingRule): Verdict | undefined {
  const conflict = verdicts.includes('misaligned') && verdicts.includes('aligned');
  if (rule.contestOnConflict && conflict) return undefined;
  if (rule.rule === 'majority') return strictMajority(verdicts);
  const [first] = verdicts;
  return first !== undefined && verdicts.every((v) => v === first) ? first : undefined;
}

/** The class that more than half of the labels have. */
function strictMajority(verdicts: readonly Verdict[]): Verdict | undefined {
  return verdicts.find((candidate) => verdicts.filter((v) => v === candidate).length * 2 > verdicts.length);
}
