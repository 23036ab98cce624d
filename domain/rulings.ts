/** Researchers' rulings: blind first, then, if need be, again after seeing the labels. Both are kept. */
import type { Judgment } from './derivation';

export const STAGES = ['blind', 'informed'] as const;
export type Stage = (typeof STAGES)[number];

export interface JudgedRuling {
  researcherId: string;
  stage: Stage;
  judgment: Judgment;
}

/**
 * What the rulings on an item come to: each researcher's last stage; null where there is none, or where researchers differ
 * in class. Where they differ only in the reason, that is `mixed`. Does not depend on their order.
 */
export function rulingOfRecord(rulings: readonly JudgedRuling[]): Judgment | null {
  const last = new Map<string, JudgedRuling>();
  for (const ruling of [...rulings].sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage))) {
    last.set(ruling.researcherId, ruling);
  }
  const byResearcher = [...last.values()].sort((a, b) => (a.researcherId < b.researcherId ? -1 : 1));
  const [first] = byResearcher;
  if (!first || byResearcher.some(({ judgment }) => judgment.verdict !== first.judgment.verdict)) return null;
  const { verdict, reason, cites } = first.judgment;
  const sameReason = byResearcher.every(({ judgment }) => judgment.reason === reason);
  const sameCites = sameReason && byResearcher.every(({ judgment }) => judgment.cites === cites);
  return { verdict, reason: sameReason ? reason : 'mixed', cites: sameCites ? cites : null };
}
