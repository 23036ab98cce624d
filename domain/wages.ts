/** What an hour of a labeller's work is worth. */
import type { Wages } from './money';

/** The highest wage that applies: everybody's, or that of a group that the labeller is in; null where none is said. */
export function wageOf(wages: Wages | undefined, groups: readonly string[]): number | null {
  if (!wages) return null;
  const own = groups.flatMap((group) => (Object.hasOwn(wages.groups, group) ? (wages.groups[group] ?? []) : []));
  return Math.max(wages.perHour, ...own);
}

/** To the hundredth of the currency's unit, as it is paid out. */
export function payOf(seconds: number, perHour: number): number {
  return toCents((seconds * perHour) / 3_600);
}

export function toCents(money: number): number {
  return Math.round(money * 100) / 100;
}
