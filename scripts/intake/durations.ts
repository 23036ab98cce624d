/** Durations as people write them: `500ms`, `90s`, `30m`, `14d`, `1h30m`. */
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;
const WHOLE = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[smhd]))+$/;
const PARTS = /(\d+(?:\.\d+)?)(ms|[smhd])/g;

/** Whole milliseconds, or undefined for a text that is not a duration. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (!WHOLE.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(PARTS)) total += Number(amount) * UNITS[unit as Unit];
  return Math.round(total);
}

/** The largest whole unit: 5_400_000 is `90m`, 86_400_000 is `1d`. */
export function writeDuration(ms: number): string {
  const units: Unit[] = ['d', 'h', 'm', 's'];
  const unit = units.find((candidate) => ms >= UNITS[candidate] && ms % UNITS[candidate] === 0) ?? 'ms';
  return `${ms / UNITS[unit]}${unit}`;
}
