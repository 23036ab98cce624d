/** Numbers as the report writes them: percentages, times, moments. */
import type { Part } from '../../db/report/agreement';
import type { Estimate } from '../../domain/results';

/** In a sentence: at least one decimal place, more where the share is close to 0 or 1. @param share 0 to 1. */
export function percent(share: number): string {
  const toEnd = Math.min(share, 1 - share) * 100;
  const places = toEnd > 0 ? Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(toEnd)))) : 0;
  return `${Number((share * 100).toFixed(places))}%`;
}

/** "0.3%–4.3%" */
export function range({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return `${percent(low)}–${percent(high)}`;
}

/** In a column: always one decimal place, so that the points stand below each other. */
export function percentInColumn(share: number): string {
  const shown = (share * 100).toFixed(1);
  if (shown === '0.0' && share > 0) return '<0.1%';
  if (shown === '100.0' && share < 1) return '>99.9%';
  return `${shown}%`;
}

export function rangeInColumn({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return `${percentInColumn(low)}–${percentInColumn(high)}`;
}

/** Without decimal places; a dash where there is nothing to share. */
export function shareOf({ n, of }: Part): string {
  return of === 0 ? '–' : `${Math.round((100 * n) / of)}%`;
}

/** "12 of 14"; a dash where there is none. */
export function nOf({ n, of }: Part): string {
  return of === 0 ? '–' : `${grouped(n)} of ${grouped(of)}`;
}

/** 1234567 as 1,234,567, whatever the machine's language. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** 0.4 s, 12 s, 3 min 5 s. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest > 0 ? ` ${rest} s` : ''}`;
}

/** Working time: minutes below an hour. */
export function hours(seconds: number): string {
  return seconds < 3_600 ? `${Number((seconds / 60).toFixed(1))} min` : `${Number((seconds / 3_600).toFixed(1))} h`;
}

/** An ISO moment, for people: "2026-11-21 17:05 UTC". */
export function moment(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
